package dev.quintet.protocol;

import java.nio.charset.StandardCharsets;

/**
 * By what an account can be asked for: a telephone number, a name. Opaque; two are the same if their bytes are.
 *
 * @param text one line, 1 to {@link #MAX_BYTES} bytes of UTF-8
 */
public record Handle(String text) {
    /** Largest size in UTF-8, in bytes. */
    public static final int MAX_BYTES = 64;

    /** Throws {@link ProtocolException} {@code MALFORMED} if the text is none. */
    public Handle {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes > MAX_BYTES || !OneLine.is(text)) {
            throw ProtocolException.malformed("a handle is one line of 1 to " + MAX_BYTES + " bytes");
        }
    }

    /** The handle with this text. */
    public static Handle of(String text) {
        return new Handle(text);
    }

    /** The text in UTF-8. */
    public byte[] toBytes() {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
