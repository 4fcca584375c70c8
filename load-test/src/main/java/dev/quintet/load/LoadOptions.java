package dev.quintet.load;

import dev.quintet.load.drive.Payload;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that all loads have: who, how much, for how long, and where the report goes. */
final class LoadOptions {
    private static final int MOST_DEVICES = 5;
    private static final int MOST_WINDOW = 256;

    @Option(names = "--accounts", description = "Accounts (default: ${DEFAULT-VALUE}).", defaultValue = "200")
    private int accounts;

    @Option(names = "--devices", description = "Devices of each (default: ${DEFAULT-VALUE}).", defaultValue = "5")
    private int devices;

    @Option(names = "--senders", description = "Devices that send (default: ${DEFAULT-VALUE}).", defaultValue = "8")
    private int senders;

    @Option(
            names = "--window",
            description = "Submissions of a sender that may be unanswered (default: ${DEFAULT-VALUE}).",
            defaultValue = "64")
    private int window;

    @Option(
            names = "--bytes",
            description = "Each device's ciphertext (default: ${DEFAULT-VALUE}).",
            defaultValue = "1024")
    private int bytes;

    @Option(names = "--seconds", description = "Time measured (default: ${DEFAULT-VALUE}).", defaultValue = "20")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description = "Time before that, for the server's compiler (default: ${DEFAULT-VALUE}).",
            defaultValue = "10")
    private int warmUp;

    @Option(names = "--seed", description = "Of everything that is left to chance.", defaultValue = "1")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Where the reports go (default: ${DEFAULT-VALUE}).",
            defaultValue = "load-reports")
    private Path out;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** Throws {@link ParameterException} that names what cannot be. */
    void check() {
        demand(accounts >= 2, "--accounts must be 2 at least, not " + accounts);
        demand(devices >= 1 && devices <= MOST_DEVICES, "--devices must be 1 to 5, not " + devices);
        demand(senders >= 1 && senders <= accounts, "--senders must be 1 to --accounts, not " + senders);
        demand(window >= 1 && window <= MOST_WINDOW, "--window must be 1 to 256, not " + window);
        demand(
                bytes >= Payload.SMALLEST && bytes <= Payload.LARGEST,
                "--bytes must be " + Payload.SMALLEST + " to " + Payload.LARGEST + ", not " + bytes);
        demand(seconds >= 1, "--seconds must be 1 at least, not " + seconds);
        demand(warmUp >= 0, "--warm-up must be 0 at least, not " + warmUp);
    }

    /** Throws {@link ParameterException} with these words unless the condition holds. */
    void demand(boolean condition, String otherwise) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }

    int accounts() {
        return accounts;
    }

    int devices() {
        return devices;
    }

    int senders() {
        return senders;
    }

    int window() {
        return window;
    }

    /** Submissions of all senders together that may be unanswered. */
    int unanswered() {
        return senders * window;
    }

    int bytes() {
        return bytes;
    }

    int seconds() {
        return seconds;
    }

    int warmUpSeconds() {
        return warmUp;
    }

    long seed() {
        return seed;
    }

    Path out() {
        return out;
    }

    Screen screen() {
        return new Screen(spec.commandLine().getOut());
    }

    /** What the command line said, defaults included, and where it ran. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        spec.commandLine()
                .getCommandSpec()
                .options()
                .forEach(option -> settings.put(option.longestName(), String.valueOf(option.<Object>getValue())));
        settings.keySet().removeAll(Set.of("--help", "--version"));
        settings.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        settings.put("machine", Machine.words());
        return settings;
    }
}
