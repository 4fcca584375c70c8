package dev.quintet.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Relay;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.Submit;
import java.util.List;
import java.util.Random;

/** Frames within all limits of {@code relay.proto}, made from its descriptors and a seed. */
final class RandomFrames {
    private static final int LARGEST_FREE_BYTES = 300;
    private static final int MOST_ENTRIES = 7;

    private final Random random;

    RandomFrames(long seed) {
        random = new Random(seed);
    }

    ClientFrame client() {
        return (ClientFrame) fill(ClientFrame.newBuilder());
    }

    ServerFrame server() {
        return (ServerFrame) fill(ServerFrame.newBuilder());
    }

    ClientFrame submit() {
        return ClientFrame.newBuilder()
                .setRequestId(number())
                .setSubmit((Submit) fill(Submit.newBuilder()))
                .build();
    }

    /** Fills a message with random values; every member of a oneof comes up. */
    Message fill(Message.Builder message) {
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.isRepeated()) {
                addEntries(message, field);
            } else if (field.getRealContainingOneof() == null && (isRequired(field) || random.nextBoolean())) {
                message.setField(field, value(message, field));
            }
        }
        for (OneofDescriptor oneof : message.getDescriptorForType().getRealOneofs()) {
            List<FieldDescriptor> members = oneof.getFields();
            FieldDescriptor member = members.get(random.nextInt(members.size()));
            message.setField(member, value(message, member));
        }
        if (random.nextInt(8) == 0) {
            message.setUnknownFields(unknownFields());
        }
        return message.build();
    }

    private static boolean isRequired(FieldDescriptor field) {
        boolean hasMinimum = field.getOptions().getExtension(Relay.exactBytes) > 0
                || field.getOptions().getExtension(Relay.minBytes) > 0;
        return hasMinimum
                || field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && field.getContainingOneof() == null;
    }

    private void addEntries(Message.Builder message, FieldDescriptor field) {
        int min = field.getOptions().getExtension(Relay.minEntries);
        int max = Math.min(MOST_ENTRIES, field.getOptions().getExtension(Relay.maxEntries));
        for (int count = min + random.nextInt(max - min + 1); count > 0; count--) {
            message.addRepeatedField(field, value(message, field));
        }
    }

    private Object value(Message.Builder message, FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case INT -> (int) number();
            case LONG -> number();
            case BOOLEAN -> random.nextBoolean();
            case STRING -> text(field.getOptions().getExtension(Relay.maxBytes));
            case BYTE_STRING -> bytes(field);
            case ENUM -> enumValue(field.getEnumType());
            case MESSAGE -> fill(message.newBuilderForField(field));
            default -> throw new IllegalStateException("no values for " + field);
        };
    }

    /** All magnitudes alike, since the length of a varint is what matters. */
    private long number() {
        return random.nextLong() >>> random.nextInt(Long.SIZE);
    }

    private Object enumValue(EnumDescriptor type) {
        return type.findValueByNumberCreatingIfUnknown(
                random.nextInt(4) == 0
                        ? random.nextInt()
                        : random.nextInt(type.getValues().size()));
    }

    private String text(int maxBytes) {
        String pieces = "a\u00e9\u20ac\ud83d\ude00";
        return pieces.repeat(random.nextInt(maxBytes / 10));
    }

    private ByteString bytes(FieldDescriptor field) {
        int exact = field.getOptions().getExtension(Relay.exactBytes);
        int min = field.getOptions().getExtension(Relay.minBytes);
        int max = field.getOptions().getExtension(Relay.maxBytes);
        int most = max == 0 ? LARGEST_FREE_BYTES : max;
        byte[] bytes = new byte[exact > 0 ? exact : min + random.nextInt(most - min + 1)];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    private UnknownFieldSet unknownFields() {
        UnknownFieldSet.Field.Builder field = UnknownFieldSet.Field.newBuilder();
        switch (random.nextInt(4)) {
            case 0 -> field.addVarint(random.nextLong());
            case 1 -> field.addFixed32(random.nextInt());
            case 2 -> field.addFixed64(random.nextLong());
            default -> field.addLengthDelimited(ByteString.copyFrom(new byte[random.nextInt(40)]));
        }
        return UnknownFieldSet.newBuilder()
                .addField(32 + random.nextInt(1000), field.build())
                .build();
    }
}
