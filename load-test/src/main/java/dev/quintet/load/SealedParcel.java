package dev.quintet.load;

import com.google.protobuf.ByteString;
import dev.quintet.client.Delivery;
import dev.quintet.client.DeviceAddress;
import dev.quintet.client.DeviceKeys;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.MemberDevice;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** A line of text under {@link TextSeal}, for each device by itself. */
final class SealedParcel implements Parcel {
    private final Map<DeviceAddress, Ed25519Key> senders = new ConcurrentHashMap<>();

    @Override
    public ByteString pack(
            DeviceKeys from, DeviceAddress to, MemberDevice device, EnvelopeId envelopeId, long sentNanos) {
        senders.putIfAbsent(from.address(), from.identity().publicKey());
        return TextSeal.seal(from, to, device.identityKey(), envelopeId + " " + sentNanos);
    }

    @Override
    public OptionalLong unpack(DeviceKeys receiver, Delivery delivery) {
        Ed25519Key sender = senders.get(delivery.from());
        if (sender == null) {
            return OptionalLong.empty();
        }
        String prefix = delivery.envelopeId() + " ";
        return TextSeal.open(delivery.from(), sender, receiver, delivery.ciphertext())
                .filter(text -> text.startsWith(prefix))
                .map(text -> OptionalLong.of(Long.parseLong(text.substring(prefix.length()))))
                .orElseGet(OptionalLong::empty);
    }
}
