package dev.quintet.protocol;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import dev.quintet.protocol.wire.Acknowledge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.ServerFrame;
import io.netty.buffer.ByteBuf;
import java.io.IOException;

/**
 * Reads frames into generated messages, and single numbers out of the frequent ones in place.
 *
 * <p>Every frame here has passed its {@link FrameChecker} before. No method moves the reader or takes ownership.
 * Submissions are read by {@link Submission}.
 */
public final class FrameReader {
    private static final long NOT_FOUND = -1;

    private FrameReader() {}

    /** The frame of a device, in objects of its own: nothing in it refers to the buffer. */
    public static ClientFrame clientFrame(ByteBuf frame) {
        return parse(ClientFrame.parser(), frame);
    }

    /** The frame of a relay, in objects of its own: nothing in it refers to the buffer. */
    public static ServerFrame serverFrame(ByteBuf frame) {
        return parse(ServerFrame.parser(), frame);
    }

    /** The request id of any frame; 0 if it has none. */
    public static long requestId(ByteBuf frame) {
        return number(frame, ClientFrame.REQUEST_ID_FIELD_NUMBER, frame.readerIndex(), frame.writerIndex());
    }

    /** The sequence in a device's frame whose body is an {@code Acknowledge}. */
    public static long acknowledgedSequence(ByteBuf frame) {
        long body = find(frame, ClientFrame.ACKNOWLEDGE_FIELD_NUMBER, frame.readerIndex(), frame.writerIndex());
        return number(frame, Acknowledge.SEQUENCE_FIELD_NUMBER, Varint.from(body), Varint.to(body));
    }

    private static long number(ByteBuf frame, int field, int from, int to) {
        long span = find(frame, field, from, to);
        return span == NOT_FOUND ? 0 : Varint.read64(frame, Varint.from(span));
    }

    /** Where the value of a field lies. */
    private static long find(ByteBuf frame, int field, int from, int to) {
        int at = from;
        while (at < to) {
            long tag = Varint.read32(frame, at, to);
            int wireType = WireFormat.getTagWireType(Varint.value(tag));
            long span = Varint.span(frame, wireType, at + Varint.length(tag), to);
            if (WireFormat.getTagFieldNumber(Varint.value(tag)) == field) {
                return span;
            }
            at = Varint.to(span);
        }
        return NOT_FOUND;
    }

    private static <T extends MessageLite> T parse(Parser<T> parser, ByteBuf frame) {
        try {
            return parser.parseFrom(CodedInputStream.newInstance(frame.nioBuffer()));
        } catch (IOException exception) {
            throw ProtocolException.malformed("the frame cannot be parsed");
        }
    }
}
