package dev.quintet.load;

import dev.quintet.load.drive.Audience;
import dev.quintet.load.drive.DriveAccount;
import dev.quintet.load.drive.DriveDevice;
import dev.quintet.load.drive.Letter;
import dev.quintet.load.drive.WindowTraffic;
import dev.quintet.load.report.FigureTable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What one submission costs, by how many it is for. */
@Command(
        name = "fanout",
        description = {
            "What one submission costs: to one account of 1, 2 and 5 devices with a ciphertext for each, and to groups of 1, 10, "
                    + "100 and 1,000 accounts with one ciphertext for all devices. Each row of the table is measured by "
                    + "itself, for --seconds.",
            "",
            "A thousand ciphertexts of 1 KiB do not fit into a frame of 1 MiB: hence one for all. The single accounts are drawn "
                    + "from --accounts, those of the groups from --largest, all of --devices; the senders are accounts of "
                    + "their own. The warm-up is divided among the rows.",
            ""
        })
final class LoadFanOut implements Callable<Integer> {
    private static final int SETTLE_SECONDS = 2;
    private static final int FEWEST_UNANSWERED = 2;
    private static final List<Integer> GROUPS = List.of(1, 10, 100, 1_000);
    private static final List<Integer> FEW_DEVICES = List.of(1, 2);

    private static final List<String> HEADINGS = List.of(
            "submissions/s",
            "deliveries/s",
            "CPU µs/submission",
            "CPU µs/delivery",
            "answer p50 µs",
            "answer p99 µs",
            "delivery p99 µs");

    @Option(
            names = "--largest",
            paramLabel = "ACCOUNTS",
            defaultValue = "1000",
            description = "Accounts of the largest submission, 1 to 1,024 (default: ${DEFAULT-VALUE}).")
    private int largest;

    @Mixin
    private LoadOptions options;

    @Mixin
    private LoadedRelay relay;

    /** One line of the table: what is submitted to whom, and how many submissions may be unanswered in all. */
    private record Row(String name, List<Audience> audiences, Letter letter, int unanswered) {}

    @Override
    public Integer call() {
        options.demand(largest >= 1 && largest <= 1024, "--largest must be 1 to 1,024, not " + largest);
        int connections =
                options.senders() + 3 * options.accounts() + Math.max(options.accounts(), largest) * options.devices();
        return LoadRun.play("fanout", relay, options, connections, this::fanOut);
    }

    private void fanOut(LoadRun run) {
        List<DriveAccount> senders = run.driver().populate(options.senders(), 1);
        List<Row> rows = rows(run, senders);
        run.driver().appointSenders(Crowd.devices(senders), options.window());
        int warmUpSeconds = (options.warmUpSeconds() + rows.size() - 1) / rows.size();
        if (warmUpSeconds > 0) {
            rows.forEach(row -> run.turn("warm-up", traffic(run, row), warmUpSeconds, 0));
        }
        List<FigureTable.Row> measured = new ArrayList<>();
        run.table(new FigureTable("One submission to", HEADINGS, measured));
        rows.forEach(row -> measured.add(measured(run, row)));
    }

    private List<Row> rows(LoadRun run, List<DriveAccount> senders) {
        List<DriveDevice> devices = new ArrayList<>(Crowd.devices(senders));
        List<Row> rows = new ArrayList<>();
        Letter own = Letter.message(options.bytes());
        for (int deviceCount : FEW_DEVICES) {
            List<DriveAccount> accounts = run.driver().populate(options.accounts(), deviceCount);
            devices.addAll(Crowd.devices(accounts));
            rows.add(row(run, accounts, 1, own));
        }
        List<DriveAccount> accounts = run.populate(Math.max(options.accounts(), largest));
        devices.addAll(Crowd.devices(accounts));
        rows.add(row(run, accounts.subList(0, options.accounts()), 1, own));
        GROUPS.stream()
                .filter(size -> size <= largest)
                .forEach(size -> rows.add(row(run, accounts, size, Letter.shared(options.bytes()))));
        run.connect("connected", devices);
        return rows;
    }

    /** The accounts in groups of this size; what is left over gets nothing. */
    private Row row(LoadRun run, List<DriveAccount> accounts, int size, Letter letter) {
        List<Audience> groups = IntStream.range(0, accounts.size() / size)
                .mapToObj(group -> run.driver().group(accounts.subList(group * size, (group + 1) * size)))
                .toList();
        int devices = accounts.get(0).devices().size();
        String name = size
                + (size == 1 ? " account of " : " accounts of ")
                + devices
                + (devices == 1 ? " device, " : " devices, ")
                + (letter.isShared() ? "one ciphertext for all" : "a ciphertext for each");
        return new Row(name, groups, letter, unanswered(size * devices));
    }

    /** As many deliveries are on their way as under the standard load. */
    private int unanswered(int deliveries) {
        int window = options.unanswered();
        return Math.min(window, Math.max(FEWEST_UNANSWERED, window * options.devices() / deliveries));
    }

    private static WindowTraffic traffic(LoadRun run, Row row) {
        return new WindowTraffic(run.driver(), row.audiences, row.letter, row.unanswered, Long.MAX_VALUE);
    }

    private FigureTable.Row measured(LoadRun run, Row row) {
        run.line("row        " + row.name + ", " + row.unanswered + " unanswered");
        LoadMeasure measure = run.turn("measured", traffic(run, row), SETTLE_SECONDS, options.seconds());
        return new FigureTable.Row(
                row.name,
                List.of(
                        measure.acceptedPerSecond(),
                        measure.deliveredPerSecond(),
                        measure.cpuMicrosPerSubmission(),
                        measure.cpuMicrosPerDelivery(),
                        measure.answers().micros(50),
                        measure.answers().micros(99),
                        measure.deliveries().micros(99)));
    }
}
