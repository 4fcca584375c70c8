package dev.quintet.load;

import dev.quintet.load.report.LoadReport;
import dev.quintet.load.report.ReportPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reports as files: JSON, and HTML beside it. */
final class ReportFiles {
    private ReportFiles() {}

    /** Makes the folder if it is not there; throws {@link CommandFailure} if nothing can be written into it. */
    static void checkFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException exception) {
            throw new CommandFailure("--out: there can be no folder " + folder);
        }
        if (!Files.isWritable(folder)) {
            throw new CommandFailure("--out: nothing may be written into " + folder);
        }
    }

    /** Writes both into a folder, which is made if it is not there, and says where they are. */
    static void write(Screen screen, Path folder, LoadReport report) {
        String name = report.scenario() + "-"
                + report.startedAt()
                        .replaceAll("\\..*", "")
                        .replaceAll("[^0-9T]", "")
                        .replace('T', '-');
        Path json = folder.resolve(name + ".json");
        try {
            Files.createDirectories(folder);
            Files.writeString(json, report.toJson());
        } catch (IOException exception) {
            throw new CommandFailure("cannot write to " + folder + ": " + exception.getMessage());
        }
        Path page = folder.resolve(name + ".html");
        writePage(page, List.of(report));
        screen.line("report     " + json + ", " + page);
    }

    /** A time as part of a file's name. */
    static String stamp(String startedAt) {
        return startedAt.replaceAll("\\..*", "").replaceAll("[^0-9T]", "").replace('T', '-');
    }

    /** One page with all reports. */
    static void writePage(Path file, List<LoadReport> reports) {
        try {
            Files.writeString(file, new ReportPage(reports).toHtml());
        } catch (IOException exception) {
            throw new CommandFailure("cannot write " + file + ": " + exception.getMessage());
        }
    }

    /** The report in a file that {@link #write} wrote. */
    static LoadReport read(Path json) {
        try {
            return LoadReport.parse(Files.readString(json));
        } catch (IOException exception) {
            throw new CommandFailure("cannot read " + json);
        } catch (IllegalArgumentException noReport) {
            throw new CommandFailure(json + " is no report of a load: " + noReport.getMessage());
        }
    }
}
