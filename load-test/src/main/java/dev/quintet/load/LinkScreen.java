package dev.quintet.load;

import dev.quintet.client.DeviceKeys;
import dev.quintet.client.LinkDisplay;
import dev.quintet.client.LinkQr;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A new device's screen: its QR code, drawn again when it is replaced, and the comparison code.
 *
 * <p><b>Thread:</b> the client's event loop.
 */
final class LinkScreen implements LinkDisplay {
    private static final int MILLIS_OF_A_SECOND = 1_000;

    private final PrintWriter out;
    private final boolean isTerminal;
    private final Path png;
    private final Consumer<DeviceKeys> keys;
    private int drawnLines;

    /**
     * @param isTerminal whether lines can be drawn over
     * @param png where to write the code as a picture, too; or null
     * @param keys takes the new device's keys and keeps them
     */
    LinkScreen(PrintWriter out, boolean isTerminal, Path png, Consumer<DeviceKeys> keys) {
        this.out = out;
        this.isTerminal = isTerminal;
        this.png = png;
        this.keys = keys;
    }

    @Override
    public void show(LinkQr qr, long validForMillis) {
        QrPicture picture = new QrPicture(qr.text());
        if (isTerminal && drawnLines > 0) {
            out.print("\u001b[" + drawnLines + "F\u001b[J");
        }
        List<String> lines = picture.lines(isTerminal);
        lines.forEach(out::println);
        out.println(qr.text());
        out.println("Read this with the account's primary: ./quintet link --scan. A new code comes in "
                + validForMillis / MILLIS_OF_A_SECOND + " s.");
        out.flush();
        // The text is longer than a line of the terminal; what scrolled away stays above.
        drawnLines = lines.size() + 2;
        if (png != null) {
            write(picture);
        }
    }

    private void write(QrPicture picture) {
        try {
            picture.write(png);
        } catch (IOException exception) {
            out.println("cannot write " + png + ": " + exception.getMessage());
            out.flush();
        }
    }

    @Override
    public void compare(String comparison) {
        out.println("The primary has read it. Compare: both screens show  " + comparison);
        out.println("Waiting for the yes there ...");
        out.flush();
    }

    @Override
    public void store(DeviceKeys linked) {
        keys.accept(linked);
    }
}
