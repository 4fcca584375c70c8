package dev.quintet.load.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;

/** Commands as Redis reads them (RESP 2: an array of bulk strings), appended to one buffer. */
final class RedisCommands {
    private static final String NEW_LINE = "\r\n";

    private RedisCommands() {}

    /** A new buffer with a command of these words. */
    static ByteBuf command(ByteBufAllocator allocator, String... words) {
        ByteBuf buffer = allocator.ioBuffer();
        append(buffer, words);
        return buffer;
    }

    /** Appends a command of these words. */
    static void append(ByteBuf buffer, String... words) {
        begin(buffer, words.length);
        for (String word : words) {
            word(buffer, word);
        }
    }

    /** The head of a command of so many words. */
    static void begin(ByteBuf buffer, int words) {
        ascii(buffer, "*" + words + NEW_LINE);
    }

    /** One word of ASCII. */
    static void word(ByteBuf buffer, String word) {
        beginWord(buffer, word.length());
        ascii(buffer, word);
        endWord(buffer);
    }

    /** The head of a word of so many bytes. */
    static void beginWord(ByteBuf buffer, int bytes) {
        ascii(buffer, "$" + bytes + NEW_LINE);
    }

    static void endWord(ByteBuf buffer) {
        ascii(buffer, NEW_LINE);
    }

    private static void ascii(ByteBuf buffer, String text) {
        ByteBufUtil.writeAscii(buffer, text);
    }
}
