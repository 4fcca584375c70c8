package dev.quintet.load;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.NotFoundException;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.ReaderException;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import io.nayuki.qrcodegen.QrCode;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** A text as a QR code: on a terminal, in a PNG file, and back from a picture. */
final class QrPicture {
    private static final int QUIET_MODULES = 4;
    private static final int MODULE_PIXELS = 8;
    private static final int WHITE = 0xFFFFFF;
    private static final String BLACK_ON_WHITE = "\u001b[38;5;16m\u001b[48;5;231m";
    private static final String PLAIN = "\u001b[0m";

    private final QrCode code;

    QrPicture(String text) {
        code = QrCode.encodeText(text, QrCode.Ecc.LOW);
    }

    private boolean isDark(int x, int y) {
        return code.getModule(x - QUIET_MODULES, y - QUIET_MODULES);
    }

    private int modules() {
        return code.size + 2 * QUIET_MODULES;
    }

    /**
     * Lines of half blocks, two modules above each other in one character.
     *
     * @param isTerminal whether colours can be set; without, the picture is right for black on white only
     */
    List<String> lines(boolean isTerminal) {
        return IntStream.range(0, (modules() + 1) / 2)
                .mapToObj(row -> isTerminal ? BLACK_ON_WHITE + line(row) + PLAIN : line(row))
                .toList();
    }

    private String line(int row) {
        StringBuilder line = new StringBuilder();
        for (int x = 0; x < modules(); x++) {
            boolean isUpper = isDark(x, 2 * row);
            boolean isLower = isDark(x, 2 * row + 1);
            line.append(isUpper ? (isLower ? '█' : '▀') : (isLower ? '▄' : ' '));
        }
        return line.toString();
    }

    /** Writes a PNG, in the place of one that is there. */
    void write(Path file) throws IOException {
        int pixels = modules() * MODULE_PIXELS;
        BufferedImage image = new BufferedImage(pixels, pixels, BufferedImage.TYPE_BYTE_BINARY);
        for (int y = 0; y < pixels; y++) {
            for (int x = 0; x < pixels; x++) {
                image.setRGB(x, y, isDark(x / MODULE_PIXELS, y / MODULE_PIXELS) ? 0 : WHITE);
            }
        }
        File written = File.createTempFile(
                "quintet-qr", ".png", file.toAbsolutePath().getParent().toFile());
        ImageIO.write(image, "png", written);
        Files.move(written.toPath(), file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The text of the QR code in a picture of any kind that Java reads; a {@link CommandFailure} if there is none. */
    static String read(Path file) {
        try {
            BufferedImage image = ImageIO.read(file.toFile());
            if (image == null) {
                throw new CommandFailure(file + " is no picture");
            }
            return read(image);
        } catch (IOException exception) {
            throw new CommandFailure("cannot read " + file + ": " + exception.getMessage());
        } catch (NotFoundException exception) {
            throw new CommandFailure("there is no QR code in " + file);
        } catch (ReaderException exception) {
            throw new CommandFailure("the QR code in " + file + " is damaged");
        }
    }

    private static String read(BufferedImage image) throws ReaderException {
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        RGBLuminanceSource source = new RGBLuminanceSource(image.getWidth(), image.getHeight(), pixels);
        BinaryBitmap bitmap = new BinaryBitmap(new HybridBinarizer(source));
        try {
            return decode(bitmap, DecodeHintType.TRY_HARDER);
        } catch (ReaderException misled) {
            // Some contents mislead the search for the three corners; a clean picture is read by its edges.
            return decode(bitmap, DecodeHintType.PURE_BARCODE);
        }
    }

    private static String decode(BinaryBitmap bitmap, DecodeHintType hint) throws ReaderException {
        return new QRCodeReader().decode(bitmap, Map.of(hint, true)).getText();
    }
}
