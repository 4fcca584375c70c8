package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.KeyFile;
import dev.quintet.client.LinkKnock;
import dev.quintet.client.RelayTrust;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands as they are typed, against a real relay process. */
class CommandsTest {
    @TempDir
    private static Path relayFolder;

    private static RelayProcess relay;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        relay = new RelayProcess(relayFolder, RelayProcess.SHORT_LIFE);
        relay.start();
    }

    @AfterAll
    static void stop() {
        relay.close();
    }

    @Test
    void sendsToADeviceThatListensAndToTwoThatComeLater() throws Exception {
        CompletableFuture<Ran> listening = listen("alice.keys");
        Await.until(10_000, () -> new KeyFile(folder.resolve("alice.keys")).exists());
        String account =
                new KeyFile(folder.resolve("alice.keys")).read().account().toString();
        Ran first = send(account, "one");
        Ran heard = listening.get(30, TimeUnit.SECONDS);
        Ran added = await(runAtRelay("add-device", "--keys", path("alice.keys"), "--new", path("alice-2.keys")));
        Ran second = send(account, "two");
        List<Ran> late = List.of(await(listen("alice.keys")), await(listen("alice-2.keys")));

        assertThat(first.output).contains("accepted for 1 device (1) of " + account);
        assertThat(heard.output).contains("account " + account).contains("  one\n");
        assertThat(added.output).contains("device 2 of " + account);
        assertThat(second.output).contains("accepted for 2 devices (1, 2) of " + account);
        assertThat(late)
                .allSatisfy(ran -> assertThat(ran.output)
                        .contains("1 waited for this device")
                        .contains("  two\n")
                        .doesNotContain("one"));
        assertThat(late.get(0).output).contains("device 2 was linked at").contains("remove it on the primary");
        assertThat(Stream.of(first, heard, added, second, late.get(0), late.get(1)))
                .allMatch(ran -> ran.status == 0);
    }

    @Test
    void linksADeviceByThePictureOfItsCode() throws Exception {
        runAtRelay("listen", "--keys", path("carol.keys"), "--count", "1");
        Await.until(10_000, () -> new KeyFile(folder.resolve("carol.keys")).exists());
        Path png = folder.resolve("code.png");
        CompletableFuture<Ran> showing = runAtRelay(
                "link", "--show", "--keys", path("carol-2.keys"), "--png", png.toString(), "--name", "laptop");
        Await.until(10_000, () -> Files.exists(png));
        Ran scanned = await(runAtRelay("link", "--scan", png.toString(), "--keys", path("carol.keys"), "--yes"));
        Ran shown = await(showing);
        Ran again = await(runAtRelay("link", "--scan", png.toString(), "--keys", path("carol.keys"), "--yes"));

        String digits = scanned.output
                .lines()
                .filter(line -> line.startsWith("Compare"))
                .map(line -> line.substring(line.length() - 7))
                .findFirst()
                .orElseThrow();
        assertThat(scanned.output).contains("laptop, LINUX, from 127.0.0.0/24").contains("linked: device 2");
        assertThat(shown.output).contains("quintet:1:").contains(digits).contains("linked: device 2");
        assertThat(new KeyFile(folder.resolve("carol-2.keys")).read().device()).isEqualTo(2);
        assertThat(List.of(scanned.status, shown.status, again.status)).isEqualTo(List.of(0, 0, 1));
        assertThat(again.output).contains("LINK_OFFER_EXPIRED");
    }

    @Test
    void linksADeviceByTheCodeThatIsTyped() throws Exception {
        Ran named = await(runAtRelay("handle", "--keys", path("frida.keys"), "+447700900123"));
        StringWriter answers = new StringWriter();
        CompletableFuture<Ran> answering =
                run(answers, atRelay("link", "--answer", "--yes", "--keys", path("frida.keys")));
        PipedOutputStream typed = new PipedOutputStream();
        InputStream before = System.in;
        System.setIn(new PipedInputStream(typed));
        try {
            CompletableFuture<Ran> asking =
                    runAtRelay("link", "--handle", "+447700900123", "--keys", path("frida-2.keys"), "--name", "laptop");
            Pattern code = Pattern.compile("  (\\w{4}-\\w{4})\n");
            Await.until(10_000, () -> code.matcher(answers.toString()).find());
            Matcher shown = code.matcher(answers.toString());
            assertThat(shown.find()).isTrue();
            typed.write(
                    ("7KQ2\n" + shown.group(1).toLowerCase(Locale.ROOT) + "\n").getBytes(StandardCharsets.US_ASCII));
            typed.flush();
            Ran asked = asking.get(20, TimeUnit.SECONDS);
            Ran answered = answering.get(20, TimeUnit.SECONDS);

            assertThat(named.output).contains("has the handle +447700900123");
            assertThat(answered.output)
                    .contains("laptop, LINUX, from 127.0.0.0/24")
                    .contains("linked: device 2");
            assertThat(asked.output).contains("a code has 8 letters and digits").contains("linked: device 2");
            assertThat(new KeyFile(folder.resolve("frida-2.keys")).read().device())
                    .isEqualTo(2);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void saysOnBothSidesThatTheCodeWasWrongThreeTimes() throws Exception {
        await(runAtRelay("handle", "--keys", path("gina.keys"), "gina"));
        StringWriter answers = new StringWriter();
        CompletableFuture<Ran> answering =
                run(answers, atRelay("link", "--answer", "--yes", "--keys", path("gina.keys")));
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("0000-0000\n".repeat(3).getBytes(StandardCharsets.US_ASCII)));
        try {
            Ran asked = await(runAtRelay("link", "--handle", "gina", "--keys", path("gina-2.keys")));
            Ran answered = await(answering);

            assertThat(List.of(asked, answered))
                    .allSatisfy(
                            ran -> assertThat(ran.output).contains("the code was not the one that the primary shows"))
                    .allMatch(ran -> ran.status == 1);
            assertThat(new KeyFile(folder.resolve("gina-2.keys")).exists()).isFalse();
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void asksForNoCodeOnceThePrimaryHasRefused() throws Exception {
        await(runAtRelay("handle", "--keys", path("hanna.keys"), "hanna"));
        CompletableFuture<LinkKnock> knocked = new CompletableFuture<>();
        FirstConnection door = new FirstConnection() {
            @Override
            public void linkRequested(LinkKnock knock) {
                knocked.complete(knock);
            }
        };
        DeviceKeys keys = new KeyFile(folder.resolve("hanna.keys")).read();
        InputStream before = System.in;
        try (PipedOutputStream typed = new PipedOutputStream();
                InputStream terminal = new PipedInputStream(typed);
                ClientTransport transport = new ClientTransport();
                Device primary = new Device(transport, relay.address(), keys, DeviceOptions.DEFAULTS, door)) {
            System.setIn(terminal);
            door.await(primary);
            StringWriter prompts = new StringWriter();
            CompletableFuture<Ran> asking =
                    run(prompts, atRelay("link", "--handle", "hanna", "--keys", path("hanna-2.keys")));
            LinkKnock knock = knocked.get(10, TimeUnit.SECONDS);
            knock.accept();
            Await.until(10_000, () -> prompts.toString().contains("Type the code"));
            knock.refuse();
            Ran asked = asking.get(10, TimeUnit.SECONDS);

            assertThat(asked.output).endsWith("\nquintet: the other device refused\n");
            assertThat(asked.status).isEqualTo(1);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void showsAndRemovesDevices() throws Exception {
        await(runAtRelay("send", "--keys", path("dora.keys"), "--to", "00".repeat(16), "to nobody"));
        await(runAtRelay("add-device", "--keys", path("dora.keys"), "--new", path("dora-2.keys")));
        Ran shown = await(runAtRelay("devices", "--keys", path("dora-2.keys")));
        Ran byCompanion = await(runAtRelay("devices", "--keys", path("dora-2.keys"), "--remove", "2"));
        Ran unknown = await(runAtRelay("devices", "--keys", path("dora.keys"), "--remove", "3"));
        Ran removed = await(runAtRelay("devices", "--keys", path("dora.keys"), "--remove", "2"));
        Ran afterwards = await(runAtRelay("devices", "--keys", path("dora-2.keys")));

        assertThat(shown.output)
                .contains("device list 2")
                .contains("2  COMPANION, LINUX")
                .contains("this one");
        assertThat(byCompanion)
                .isEqualTo(
                        new Ran(1, "quintet: --keys is a companion's file; only the primary removes " + "devices\n"));
        assertThat(unknown).isEqualTo(new Ran(1, "quintet: the account has no device 3\n"));
        assertThat(removed.output).contains("device list 3").doesNotContain("COMPANION");
        assertThat(afterwards.status).isEqualTo(1);
        assertThat(afterwards.output).contains("removed from its account");
    }

    @Test
    void leavesAnAccount() throws Exception {
        await(runAtRelay("send", "--keys", path("emma.keys"), "--to", "00".repeat(16), "to nobody"));
        await(runAtRelay("add-device", "--keys", path("emma.keys"), "--new", path("emma-2.keys")));
        Ran byPrimary = await(runAtRelay("devices", "--keys", path("emma.keys"), "--leave"));
        Ran left = await(runAtRelay("devices", "--keys", path("emma-2.keys"), "--leave"));
        Ran afterwards = await(runAtRelay("devices", "--keys", path("emma-2.keys")));
        Ran shown = await(runAtRelay("devices", "--keys", path("emma.keys")));

        assertThat(byPrimary.output).contains("FORBIDDEN");
        assertThat(left.output).contains("device 2 has left account");
        assertThat(afterwards.output).contains("DEVICE_REMOVED");
        assertThat(shown.output).contains("1  PRIMARY").containsPattern("2  COMPANION.* logged out");
        assertThat(List.of(byPrimary.status, left.status, afterwards.status, shown.status))
                .isEqualTo(List.of(1, 0, 1, 0));
    }

    @Test
    void saysWhyNothingIsLinked() throws Exception {
        Ran noCode = await(runAtRelay("link", "--scan", "quintet:1:AAAA", "--keys", path("none.keys")));
        Ran neither = await(runAtRelay("link", "--keys", path("none.keys")));

        assertThat(noCode).isEqualTo(new Ran(1, "quintet: the link code is cut off\n"));
        assertThat(neither.status).isEqualTo(2);
    }

    @Test
    void saysWhyNothingWasSent() throws Exception {
        assertThat(send("00".repeat(16), "hello")).isEqualTo(new Ran(1, "quintet: NOT_FOUND: no such account\n"));
    }

    @Test
    void demonstrates() throws Exception {
        Ran demo = run("demo", "--rounds", "2", "--seconds", "1").get(60, TimeUnit.SECONDS);

        assertThat(demo.output)
                .contains("lost 0   duplicated 0   out of order 0")
                .contains("alice/2   by QR code; both screens showed")
                .contains("bob/3   by QR code; both screens showed")
                .contains("alice/4   by one-time code; typed")
                .contains("bob/5   by one-time code; typed")
                .contains("kill -9");
        assertThat(demo.status).isZero();
    }

    private CompletableFuture<Ran> listen(String keys) {
        return runAtRelay("listen", "--keys", path(keys), "--count", "1");
    }

    private Ran send(String account, String text) throws Exception {
        return await(runAtRelay("send", "--keys", path("bob.keys"), "--to", account, text));
    }

    private static Ran await(CompletableFuture<Ran> running) throws Exception {
        return running.get(30, TimeUnit.SECONDS);
    }

    private String path(String file) {
        return folder.resolve(file).toString();
    }

    private record Ran(int status, String output) {}

    private static CompletableFuture<Ran> runAtRelay(String... arguments) {
        return run(atRelay(arguments));
    }

    private static String[] atRelay(String... arguments) {
        RelayTrust.Pinned trust = (RelayTrust.Pinned) relay.address().trust();
        Stream<String> where = Stream.of(
                "--relay",
                relay.address().toString(),
                "--fingerprint",
                trust.fingerprint().toString());
        return Stream.concat(Stream.of(arguments), where).toArray(String[]::new);
    }

    private static CompletableFuture<Ran> run(String... arguments) {
        return run(new StringWriter(), arguments);
    }

    private static CompletableFuture<Ran> run(StringWriter output, String... arguments) {
        return CompletableFuture.supplyAsync(() -> {
            CommandLine command = Quintet.commandLine();
            command.setOut(new PrintWriter(output, true)).setErr(new PrintWriter(output, true));
            return new Ran(command.execute(arguments), output.toString());
        });
    }
}
