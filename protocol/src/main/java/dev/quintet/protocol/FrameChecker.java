package dev.quintet.protocol;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.WireFormat;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ServerFrame;
import io.netty.buffer.ByteBuf;

/**
 * Holds a frame's bytes against {@code relay.proto}, in place, before anybody reads them.
 *
 * <p>Stricter than protobuf: what a generated parser would forgive or silently merge is refused, so that every reader
 * of a checked frame sees the same values. {@code MALFORMED} is: a number that is cut off or too large for its field; a
 * known field of the wrong wire type; a singular field that stands twice; two members of one {@code oneof}; a size or
 * a count of entries outside the limits in the options; a missing field that has a minimum or is a message, unless
 * {@code optional}; a string that is no UTF-8; a group; field number 0; a value that reaches beyond its message. Unknown
 * fields are skipped, unknown values of an enum are accepted.
 *
 * <p><b>Thread:</b> any; immutable. <b>Memory:</b> a check allocates nothing.
 * <b>Limits:</b> messages nest as deep as the proto says, at most {@link FrameRules#MAX_LEVELS}; an unknown field is
 * skipped as a whole, so nothing nests deeper.
 */
public final class FrameChecker {
    /** For what a device sends. */
    public static final FrameChecker CLIENT = new FrameChecker(ClientFrame.getDescriptor());

    /** For what a relay sends. */
    public static final FrameChecker SERVER = new FrameChecker(ServerFrame.getDescriptor());

    /** For the content of a signed device list. */
    static final FrameChecker DEVICE_LIST = new FrameChecker(DeviceListContent.getDescriptor());

    private final FrameRules rules;

    private FrameChecker(Descriptor root) {
        rules = new FrameRules(root);
    }

    /**
     * Checks the readable bytes; the reader does not move.
     *
     * @return the field number of the frame's body, 0 if the frame has none that is known: {@code UNKNOWN_FRAME}
     * @throws ProtocolException {@code MALFORMED}
     */
    public int check(ByteBuf frame) {
        long seen = checkMessage(FrameRules.ROOT, frame, frame.readerIndex(), frame.writerIndex());
        long body = seen & rules.bodies();
        return body == 0 ? 0 : Long.numberOfTrailingZeros(body);
    }

    /** Answers the set of fields that the message has, one bit for each number. */
    private long checkMessage(int message, ByteBuf frame, int from, int to) {
        long seen = 0;
        long entries = 0;
        int at = from;
        while (at < to) {
            long tag = Varint.read32(frame, at, to);
            int number = WireFormat.getTagFieldNumber(Varint.value(tag));
            int wireType = WireFormat.getTagWireType(Varint.value(tag));
            long span = Varint.span(frame, wireType, at + Varint.length(tag), to);
            at = Varint.to(span);
            int rule = rules.find(message, number);
            if (rule != FrameRules.NONE) {
                if ((seen & rules.exclusive(rule)) != 0) {
                    throw rules.breach(rule, "stands twice, or beside another member of its oneof");
                }
                entries = rules.addEntries(rule, entries, checkValue(rule, wireType, frame, Varint.from(span), at));
                seen |= 1L << number;
            } else if (number == 0) {
                throw ProtocolException.malformed("field number 0");
            }
        }
        long missing = rules.required(message) & ~seen;
        if (missing != 0) {
            throw rules.breach(rules.find(message, Long.numberOfTrailingZeros(missing)), "is missing");
        }
        return seen;
    }

    /** Answers how many entries it is: 1, unless it is a packed repeated number. */
    private int checkValue(int rule, int wireType, ByteBuf frame, int from, int to) {
        if (rules.kind(rule) <= FrameRules.NUMBER_64) {
            return checkNumber(rule, wireType, frame, from, to);
        }
        if (wireType != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            throw rules.breach(rule, "has the wrong wire type");
        }
        rules.checkSize(rule, to - from);
        if (rules.kind(rule) == FrameRules.MESSAGE) {
            checkMessage(rules.message(rule), frame, from, to);
        } else if (rules.kind(rule) == FrameRules.STRING && !Utf8.isValid(frame, from, to)) {
            throw rules.breach(rule, "is no UTF-8");
        }
        return 1;
    }

    private int checkNumber(int rule, int wireType, ByteBuf frame, int from, int to) {
        if (wireType == WireFormat.WIRETYPE_VARINT) {
            rules.checkNumber(rule, frame, from, to);
            return 1;
        }
        if (wireType != WireFormat.WIRETYPE_LENGTH_DELIMITED || !rules.isRepeated(rule)) {
            throw rules.breach(rule, "has the wrong wire type");
        }
        int count = 0;
        for (int at = from; at < to; count++) {
            int end = Varint.skip(frame, at, to);
            rules.checkNumber(rule, frame, at, end);
            at = end;
        }
        return count;
    }
}
