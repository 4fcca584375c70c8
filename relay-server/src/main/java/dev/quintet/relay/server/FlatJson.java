package dev.quintet.relay.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.slf4j.event.KeyValuePair;

/**
 * A log line as one flat JSON object: time, level, logger, thread, message, the line's own keys, stack.
 *
 * <p>Every character that could end a line or fool a terminal is escaped.
 */
final class FlatJson extends EncoderBase<ILoggingEvent> {
    private static final byte[] NOTHING = {};

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(256).append('{');
        append(line, "time", Instant.ofEpochMilli(event.getTimeStamp()));
        append(line, "level", event.getLevel());
        append(line, "logger", event.getLoggerName());
        append(line, "thread", event.getThreadName());
        append(line, "message", event.getFormattedMessage());
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                append(line, pair.key, pair.value);
            }
        }
        if (event.getThrowableProxy() != null) {
            append(line, "stack", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return line.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void append(StringBuilder line, String key, Object value) {
        line.append(line.length() == 1 ? "\"" : ",\"").append(escape(key)).append("\":");
        if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
            line.append(value);
        } else {
            line.append('"').append(escape(String.valueOf(value))).append('"');
        }
    }

    /** {@code text} as it may stand between two quotes (RFC 8259, section 7). */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char next = text.charAt(i);
            if (next == '"' || next == '\\') {
                escaped.append('\\').append(next);
            } else if (isPlain(next)) {
                escaped.append(next);
            } else {
                escaped.append(String.format("\\u%04x", (int) next));
            }
        }
        return escaped.toString();
    }

    private static boolean isPlain(char next) {
        int type = Character.getType(next);
        return type != Character.CONTROL
                && type != Character.FORMAT
                && type != Character.LINE_SEPARATOR
                && type != Character.PARAGRAPH_SEPARATOR
                && type != Character.SURROGATE;
    }
}
