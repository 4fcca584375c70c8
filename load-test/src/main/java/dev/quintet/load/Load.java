package dev.quintet.load;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that loads a relay; its subcommands are the scenarios. */
@Command(
        name = "load",
        description = {
            "Loads a relay, checks every delivery, and writes a report.",
            "",
            "The load runs on one thread of this process, which shares the machine with the relay if that is here too. "
                    + "Without --address, a relay is started in a temporary directory. Ctrl-C ends a load and still writes "
                    + "the report.",
            ""
        },
        subcommands = {
            LoadSaturate.class,
            LoadSteady.class,
            LoadFanOut.class,
            LoadIdle.class,
            LoadSleeping.class,
            LoadBacklog.class,
            LoadStorm.class,
            LoadChat.class,
            LoadCompare.class,
            ShowReports.class
        })
final class Load implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which scenario?");
    }
}
