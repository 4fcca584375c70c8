package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.load.report.FigureTable;
import dev.quintet.load.report.LoadReport;
import dev.quintet.relay.net.Transport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The load as it is typed: each scenario in small, and what it does when it cannot go on. */
class LoadTest {
    private static final List<String> SMALL =
            List.of("--accounts", "6", "--senders", "2", "--window", "8", "--seconds", "2", "--warm-up", "0");

    @TempDir
    private Path folder;

    private final StringWriter output = new StringWriter();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "saturate",
                "saturate --plain --transport nio --bytes 40",
                "steady --rate 50 --plain",
                "chat --rate 100 --changes 5",
                "backlog --envelopes 3000 --plain",
                "storm --rate 50 --jitter 100",
                "idle --connections 30 --plain",
                "fanout --largest 10 --devices 3 --plain"
            })
    void playsTheScenarioAndFindsNothing(String scenario) throws IOException {
        int status = runSmall(scenario);

        assertThat(output.toString()).contains("lost 0").contains("report");
        assertThat(status).as(output.toString()).isZero();
        LoadReport report = onlyReport();
        assertThat(report.checks()).containsEntry("lost", 0.0).containsEntry("duplicated", 0.0);
        assertThat(report.notes()).isEmpty();
        assertThat(pages())
                .singleElement()
                .satisfies(page -> assertThat(Files.readString(page)).contains("<svg"));
    }

    @Test
    void measuresWhatItSays() throws IOException {
        runSmall("saturate --plain");

        LoadReport report = onlyReport();
        assertThat(report.figures().get("delivered, 1/s")).isGreaterThan(100);
        assertThat(report.figures().get("server CPU for a delivery, µs")).isPositive();
        assertThat(report.figures().get("server memory, MiB resident")).isGreaterThan(30);
        assertThat(report.figures().get("entries in a commit")).isGreaterThan(1);
        assertThat(report.answers().micros(50))
                .isPositive()
                .isLessThanOrEqualTo(report.answers().micros(99.99));
        assertThat(report.samples()).hasSize(2);
        assertThat(report.samples().get(0).delivered()).isPositive();
    }

    @Test
    void measuresEachRowOfTheFanOutByItself() throws IOException {
        runSmall("fanout --largest 10 --devices 3 --plain");

        FigureTable table = onlyReport().tables().get(0);
        assertThat(table.rows())
                .extracting(FigureTable.Row::name)
                .containsExactly(
                        "1 account of 1 device, a ciphertext for each",
                        "1 account of 2 devices, a ciphertext for each",
                        "1 account of 3 devices, a ciphertext for each",
                        "1 account of 3 devices, one ciphertext for all",
                        "10 accounts of 3 devices, one ciphertext for all");
        assertThat(table.rows())
                .allSatisfy(row ->
                        assertThat(row.values()).hasSameSizeAs(table.headings()).allMatch(value -> value > 0));
        List<Double> largest = table.rows().get(4).values();
        assertThat(largest.get(1) / largest.get(0)).isBetween(20.0, 40.0);
        assertThat(output.toString()).contains("One submission to", "10 accounts of 3 devices, one ciphertext for all");
    }

    @Test
    void measuresTheFanOutOfAFloor() throws Exception {
        Contestant floor = new Contestants(folder, Transport.EPOLL, RelayProcess.SHORT_LIFE).start("floor-log");
        try {
            String where = "127.0.0.1:" + floor.address().getPort();

            assertThat(runSmall("fanout --largest 10 --devices 3 --plain --address " + where))
                    .as(output.toString())
                    .isZero();
        } finally {
            floor.process().close();
        }
        assertThat(onlyReport().checks()).containsEntry("lost", 0.0).containsEntry("duplicated", 0.0);
        assertThat(output.toString()).contains("10 accounts of 3 devices, one ciphertext for all");
    }

    @Test
    void writesCopiesForTheWritersOwnDevicesInAChat() throws IOException {
        runSmall("chat --rate 100 --changes 5 --devices 2");

        Map<String, Double> checks = onlyReport().checks();
        assertThat(checks.get("delivered")).isLessThan(2 * checks.get("accepted"));
        assertThat(checks.get("lost")).isZero();
    }

    @Test
    void startsRelaysOnAccountsThatSleep() {
        assertThat(run("load", "sleeping", "--accounts", "20,60", "--starts", "1"))
                .as(output.toString())
                .isZero();
        assertThat(output.toString().lines())
                .anySatisfy(line -> assertThat(line).matches(" +20 +\\d+ +[1-9].*"))
                .anySatisfy(line -> assertThat(line).matches(" +60 +\\d+ +[1-9].*"));
    }

    @Test
    void startsARelayAgainWhileEnvelopesWaitInIt() throws IOException {
        assertThat(runSmall("backlog --envelopes 1000 --plain")).isZero();

        LoadReport report = onlyReport();
        assertThat(report.figures().get("ready after a kill, s")).isPositive();
        assertThat(report.figures().get("ready after a stop, s")).isPositive();
        assertThat(report.figures().get("disk with all waiting, MiB")).isGreaterThan(1);
        assertThat(report.figures().get("drained envelopes, 1/s")).isPositive();
    }

    @Test
    void laysTwoReportsSideBySide() throws IOException {
        runSmall("steady --rate 50 --plain");
        String report = reports().get(0).toString();
        Path page = folder.resolve("both.html");

        assertThat(run("load", "report", report, report, "--html", page.toString()))
                .isZero();
        assertThat(output.toString()).contains("delivered, 1/s");
        assertThat(page).content().contains("× 1.00");
    }

    @Test
    void refusesToReadWhatIsNoReport() throws IOException {
        Path file = Files.writeString(folder.resolve("no.json"), "{}");

        assertThat(run("load", "report", file.toString(), file.toString())).isEqualTo(1);
        assertThat(output.toString()).contains("is no report of a load");
    }

    @ParameterizedTest
    @CsvSource({
        "saturate --accounts 1, --accounts must be 2 at least",
        "saturate --devices 6, --devices must be 1 to 5",
        "saturate --senders 0, --senders must be 1 to --accounts",
        "saturate --window 257, --window must be 1 to 256",
        "saturate --bytes 39, --bytes must be 40 to",
        "saturate --seconds 0, --seconds must be 1",
        "fanout --largest 1025, --largest must be 1 to",
        "steady --rate 0, --rate must be above 0",
        "backlog --envelopes 9000000, --envelopes must be",
        "idle --address 127.0.0.1:1 --plain, idle needs a relay of its own",
        "storm --address 127.0.0.1:1 --plain, storm kills the relay",
        "'sleeping --accounts 60,20', --accounts must be rising",
        "saturate --address nowhere --plain, HOST:PORT",
        "saturate --address 127.0.0.1:1, --fingerprint or --plain",
        "saturate --address 127.0.0.1:1 --fingerprint zz, has 64 hexadecimal digits",
        "saturate --transport carrier-pigeon, 'must be io-uring, epoll or nio'",
        "saturate --seconds 0, 'Options: quintet load saturate --help'",
        "nothing, Unmatched",
    })
    void refusesWhatCannotBe(String arguments, String words) {
        assertThat(run(("load " + arguments).split(" "))).isEqualTo(2);
        assertThat(output.toString()).contains(words);
    }

    @Test
    void refusesBeforeItStartsWhatItCouldNotWriteDown() {
        assertThat(run("load", "saturate", "--out", "/proc/reports")).isEqualTo(1);
        assertThat(output.toString().lines()).containsExactly("quintet: --out: there can be no folder /proc/reports");
    }

    @Test
    void saysWhatTheJvmOfTheRelaySaid() {
        assertThat(runSmall("saturate --jvm=-XX:NoSuchOption")).isEqualTo(1);
        assertThat(output.toString()).contains("the relay did not start: ").doesNotContain("exit status");
    }

    @Test
    void saysThatThereAreTooFewDescriptors() {
        assertThat(run("load", "saturate", "--accounts", "1000000")).isEqualTo(1);
        assertThat(output.toString()).contains("too few descriptors: 5,000,000 connections are wanted");
    }

    @Test
    void saysThatNobodyIsThereAndStillReports() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }

        assertThat(runSmall("saturate --plain --address 127.0.0.1:" + port)).isEqualTo(1);
        assertThat(output.toString())
                .contains("cut short: cannot reach 127.0.0.1:" + port + ": Connection refused")
                .doesNotContain("latency");
        assertThat(onlyReport().notes()).singleElement().asString().startsWith("cut short");
    }

    @Test
    void saysThatTheServerTalksNonsense() throws Exception {
        loadAServerThatSays("HTTP/1.1 400 Bad Request\r\n" + "Content-Length: 0\r\n".repeat(10));

        assertThat(output.toString()).contains("cut short: the server does not speak the relay's protocol");
    }

    @Test
    void saysThatTheServerSaysNothingWhole() throws Exception {
        loadAServerThatSays("220");

        assertThat(output.toString()).contains("cut short: the server does not finish the login");
    }

    private void loadAServerThatSays(String nonsense) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            CompletableFuture.runAsync(() -> answerAll(server, nonsense));

            assertThat(runSmall("saturate --plain --address 127.0.0.1:" + server.getLocalPort()))
                    .isEqualTo(1);
        }
    }

    private static void answerAll(ServerSocket server, String nonsense) {
        try {
            while (true) {
                Socket accepted = server.accept();
                accepted.getOutputStream().write(nonsense.getBytes(StandardCharsets.ISO_8859_1));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    @Test
    void saysThatTheServerDiedInTheMiddleAndReportsWhatWasMeasured() throws Exception {
        try (RelayProcess relay = new RelayProcess(folder, RelayProcess.SHORT_LIFE, List.of("--plain"))) {
            relay.start();
            CompletableFuture<Integer> load = CompletableFuture.supplyAsync(() -> run(arguments(
                    "steady --rate 20 --plain --seconds 60 --pid " + relay.pid() + " --address " + relay.address(),
                    List.of("--accounts", "4", "--senders", "2", "--warm-up", "0"))));
            assertThat(Await.until(60_000, () -> output.toString().contains("2 s")))
                    .isTrue();
            relay.kill();

            assertThat(load.get(60, TimeUnit.SECONDS)).isEqualTo(1);
        }
        assertThat(output.toString()).contains("cut short:").doesNotContain("the rate was above");
        assertThat(onlyReport().samples()).isNotEmpty();
        assertThat(onlyReport().deliveries().count()).isPositive();
    }

    @Test
    void writesTheReportWhenItIsInterrupted() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Quintet.class.getName()));
        command.addAll(List.of(arguments("saturate --plain --seconds 60", SMALL.subList(0, 6))));
        Path out = folder.resolve("out");
        Process load = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(Await.until(60_000, () -> read(out).contains("accepted/s"))).isTrue();

        load.destroy();

        assertThat(load.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(load.exitValue()).isEqualTo(143);
        assertThat(onlyReport().notes()).contains("cut short: interrupted");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException exception) {
            throw new AssertionError(exception);
        }
    }

    private LoadReport onlyReport() throws IOException {
        assertThat(reports()).hasSize(1);
        return LoadReport.parse(Files.readString(reports().get(0)));
    }

    private List<Path> reports() throws IOException {
        return files(".json");
    }

    private List<Path> pages() throws IOException {
        return files(".html");
    }

    private List<Path> files(String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("reports"))) {
            return files.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }

    private int runSmall(String scenario) {
        return run(arguments(scenario, SMALL));
    }

    private String[] arguments(String scenario, List<String> more) {
        List<String> arguments = new ArrayList<>(List.of("load"));
        arguments.addAll(List.of(scenario.split(" ")));
        arguments.addAll(more);
        arguments.addAll(List.of("--out", folder.resolve("reports").toString()));
        if (!scenario.contains("--address")) {
            RelayProcess.SHORT_LIFE.forEach(option -> arguments.add("--jvm=" + option));
        }
        return arguments.toArray(String[]::new);
    }

    private int run(String... arguments) {
        CommandLine command = Quintet.commandLine();
        command.setOut(new PrintWriter(output, true)).setErr(new PrintWriter(output, true));
        return command.execute(arguments);
    }
}
