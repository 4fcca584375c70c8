package dev.quintet.protocol;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import dev.quintet.protocol.wire.Relay;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code relay.proto} says about a message and all messages in it, as arrays of numbers.
 *
 * <p>Each message has a stretch of {@link #STRIDE} rules, one for each field number, so a rule is found by adding;
 * a set of fields is a {@code long} with one bit for each number. Built once from the descriptors; a proto that says
 * something these tables cannot hold fails when the class is loaded.
 */
final class FrameRules {
    /** The message that the rules were built for. */
    static final int ROOT = 0;

    /** How deep messages may nest, the frame included. */
    static final int MAX_LEVELS = 8;

    /** No rule: the field is unknown. */
    static final int NONE = -1;

    static final byte NUMBER_32 = 1;
    static final byte NUMBER_64 = 2;
    static final byte BYTES = 3;
    static final byte STRING = 4;
    static final byte MESSAGE = 5;

    private static final int STRIDE = 32;
    private static final int ENTRY_COUNT_BITS = 16;
    private static final int ENTRY_COUNT_MASK = (1 << ENTRY_COUNT_BITS) - 1;
    private static final int MAX_REPEATED_FIELDS = Long.SIZE / ENTRY_COUNT_BITS;

    private final List<Descriptor> messages = new ArrayList<>();
    private final FieldDescriptor[] fields;
    private final byte[] kinds;
    private final int[] minBytes;
    private final int[] maxBytes;
    private final int[] maxEntries;
    private final int[] entryShifts;
    private final int[] children;
    private final long[] exclusive;
    private final long[] required;
    private final long bodies;

    FrameRules(Descriptor root) {
        collect(root, 1);
        int rules = messages.size() * STRIDE;
        fields = new FieldDescriptor[rules];
        kinds = new byte[rules];
        minBytes = new int[rules];
        maxBytes = new int[rules];
        maxEntries = new int[rules];
        entryShifts = new int[rules];
        children = new int[rules];
        exclusive = new long[rules];
        required = new long[messages.size()];
        for (int message = 0; message < messages.size(); message++) {
            compile(message);
        }
        bodies = root.getRealOneofs().stream().mapToLong(FrameRules::members).sum();
    }

    private void collect(Descriptor message, int level) {
        demand(level <= MAX_LEVELS, message.getName() + " nests deeper than " + MAX_LEVELS + " levels");
        if (!messages.contains(message)) {
            messages.add(message);
        }
        for (FieldDescriptor field : message.getFields()) {
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                collect(field.getMessageType(), level + 1);
            }
        }
    }

    private void compile(int message) {
        int repeatedFields = 0;
        for (FieldDescriptor field : messages.get(message).getFields()) {
            demand(field.getNumber() < STRIDE, field.getFullName() + " has a number above " + (STRIDE - 1));
            int rule = message * STRIDE + field.getNumber();
            fields[rule] = field;
            kinds[rule] = kind(field);
            compileSize(rule, field);
            exclusive[rule] = exclusive(field);
            children[rule] = kinds[rule] == MESSAGE ? messages.indexOf(field.getMessageType()) : NONE;
            if (field.isRepeated()) {
                compileEntries(rule, field, repeatedFields++);
            }
            if (isRequired(rule, field)) {
                required[message] |= 1L << field.getNumber();
            }
        }
    }

    private static byte kind(FieldDescriptor field) {
        return switch (field.getType()) {
            case UINT32 -> NUMBER_32;
            case UINT64, BOOL, ENUM -> NUMBER_64;
            case BYTES -> BYTES;
            case STRING -> STRING;
            case MESSAGE -> MESSAGE;
            default -> throw new IllegalStateException(field.getFullName() + " has a type that has no rule yet");
        };
    }

    private void compileSize(int rule, FieldDescriptor field) {
        int exact = field.getOptions().getExtension(Relay.exactBytes);
        int max = field.getOptions().getExtension(Relay.maxBytes);
        minBytes[rule] = exact > 0 ? exact : field.getOptions().getExtension(Relay.minBytes);
        maxBytes[rule] = exact > 0 ? exact : max > 0 ? max : Integer.MAX_VALUE;
    }

    private void compileEntries(int rule, FieldDescriptor field, int repeatedFields) {
        int max = field.getOptions().getExtension(Relay.maxEntries);
        demand(max > 0 && max <= ENTRY_COUNT_MASK, field.getFullName() + " needs max_entries of 1 to 65535");
        demand(minEntries(field) <= 1, field.getFullName() + " has min_entries above 1");
        demand(repeatedFields < MAX_REPEATED_FIELDS, field.getFullName() + " is one repeated field too many");
        maxEntries[rule] = max;
        entryShifts[rule] = repeatedFields * ENTRY_COUNT_BITS;
    }

    private static int minEntries(FieldDescriptor field) {
        return field.getOptions().getExtension(Relay.minEntries);
    }

    private static long exclusive(FieldDescriptor field) {
        if (field.isRepeated()) {
            return 0;
        }
        OneofDescriptor oneof = field.getRealContainingOneof();
        return oneof == null ? 1L << field.getNumber() : members(oneof);
    }

    private static long members(OneofDescriptor oneof) {
        return oneof.getFields().stream()
                .mapToLong(field -> 1L << field.getNumber())
                .sum();
    }

    private boolean isRequired(int rule, FieldDescriptor field) {
        if (field.isRepeated()) {
            return minEntries(field) > 0;
        }
        boolean isOptional = field.getContainingOneof() != null;
        return !isOptional && (kinds[rule] == MESSAGE || minBytes[rule] > 0);
    }

    private static void demand(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalStateException("relay.proto: " + otherwise);
        }
    }

    /** The members of the root's oneof. */
    long bodies() {
        return bodies;
    }

    /** The rule for a field of a message, or {@link #NONE}. */
    int find(int message, int number) {
        int rule = message * STRIDE + number;
        return number < STRIDE && kinds[rule] != 0 ? rule : NONE;
    }

    /** {@link #NUMBER_32} and so on; the numbers come first. */
    byte kind(int rule) {
        return kinds[rule];
    }

    /** The message that the field is. */
    int message(int rule) {
        return children[rule];
    }

    boolean isRepeated(int rule) {
        return maxEntries[rule] > 0;
    }

    /** The fields none of which may stand before this one. */
    long exclusive(int rule) {
        return exclusive[rule];
    }

    /** The fields that a message must have. */
    long required(int message) {
        return required[message];
    }

    /** Adds to the counts of a message's repeated fields, which share one {@code long}. */
    long addEntries(int rule, long entries, int added) {
        if (maxEntries[rule] == 0) {
            return entries;
        }
        int shift = entryShifts[rule];
        if ((entries >>> shift & ENTRY_COUNT_MASK) + added > maxEntries[rule]) {
            throw breach(rule, "has more than " + maxEntries[rule] + " entries");
        }
        return entries + ((long) added << shift);
    }

    void checkSize(int rule, int bytes) {
        if (bytes < minBytes[rule] || bytes > maxBytes[rule]) {
            throw breach(rule, "has " + bytes + " bytes, not " + minBytes[rule] + " to " + maxBytes[rule]);
        }
    }

    /** Checks that a number, which is not cut off, is not too large for its field. */
    void checkNumber(int rule, ByteBuf frame, int from, int to) {
        if (kinds[rule] == NUMBER_32 && !Varint.is32(frame, from, to)) {
            throw breach(rule, "has more than 32 bits");
        }
    }

    ProtocolException breach(int rule, String what) {
        FieldDescriptor field = fields[rule];
        return ProtocolException.malformed(field.getContainingType().getName() + "." + field.getName() + " " + what);
    }
}
