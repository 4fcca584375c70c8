package dev.quintet.load;

import com.google.protobuf.ByteString;
import dev.quintet.client.Delivery;
import dev.quintet.client.DeviceAddress;
import dev.quintet.client.DeviceKeys;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.MemberDevice;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A line of text under {@link TextSeal}, for each device by itself. */
final class SealedParcel implements Parcel {
    private static final String TEXT = "This is message ";

    private final Map<DeviceAddress, Ed25519Key> senders = new ConcurrentHashMap<>();

    @Override
    public ByteString pack(DeviceKeys from, DeviceAddress to, MemberDevice device, EnvelopeId envelopeId) {
        senders.putIfAbsent(from.address(), from.identity().publicKey());
        return TextSeal.seal(from, to, device.identityKey(), TEXT + envelopeId);
    }

    @Override
    public boolean isIntact(DeviceKeys receiver, Delivery delivery) {
        Ed25519Key sender = senders.get(delivery.from());
        return sender != null
                && TextSeal.open(delivery.from(), sender, receiver, delivery.ciphertext())
                        .filter((TEXT + delivery.envelopeId())::equals)
                        .isPresent();
    }
}
