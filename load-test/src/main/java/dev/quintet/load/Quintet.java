package dev.quintet.load;

import dev.quintet.client.DisconnectedException;
import dev.quintet.client.LinkFailedException;
import dev.quintet.client.RelayErrorException;
import dev.quintet.client.UntrustedDeviceListException;
import dev.quintet.load.drive.DriveFailure;
import dev.quintet.relay.server.Serve;
import java.io.PrintWriter;
import java.util.concurrent.CompletionException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The top command of the launcher: everything that can be run by hand. */
@Command(
        name = "quintet",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Serve.Version.class,
        description = "A relay for end-to-end encrypted messages between accounts of up to five devices.",
        subcommands = {
            Serve.class,
            Demo.class,
            Listen.class,
            Send.class,
            Link.class,
            AccountHandle.class,
            AddDevice.class,
            Devices.class,
            Load.class
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:Done, and everything was as promised.",
            "1:It could not be done, or a promise was broken; the last lines say what.",
            "2:The command line is wrong."
        })
public final class Quintet implements Runnable {
    private static final int FAILED = 1;
    private static final int WRONG = 2;

    @Spec
    private CommandSpec spec;

    /** Runs one command and exits with its status. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Quintet())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Quintet::refuse)
                .setExecutionExceptionHandler(Quintet::fail);
    }

    /** The reason last, where it is seen: all options stand above it only where one has to choose a command. */
    private static int refuse(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter errors = command.getErr();
        if (command.getSubcommands().isEmpty()) {
            errors.println("quintet: " + wrong.getMessage());
            UnmatchedArgumentException.printSuggestions(wrong, errors);
            errors.println("Options: " + command.getCommandSpec().qualifiedName() + " --help");
        } else {
            command.usage(errors);
            errors.println();
            errors.println("quintet: " + wrong.getMessage());
            UnmatchedArgumentException.printSuggestions(wrong, errors);
        }
        errors.flush();
        return WRONG;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command?");
    }

    /** What a user can do something about is one line; anything else is our bug and comes with its trace. */
    private static int fail(Exception failure, CommandLine command, ParseResult parsed) throws Exception {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        boolean isOrdinary = cause instanceof CommandFailure
                || cause instanceof DriveFailure
                || cause instanceof DisconnectedException
                || cause instanceof LinkFailedException
                || cause instanceof RelayErrorException
                || cause instanceof UntrustedDeviceListException;
        if (!isOrdinary) {
            throw failure;
        }
        command.getErr().println("quintet: " + cause.getMessage());
        command.getErr().flush();
        return FAILED;
    }
}
