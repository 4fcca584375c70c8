package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.EnvelopeClass;

/**
 * An envelope that has reached this device.
 *
 * <p>The relay keeps it until it is acknowledged. Acknowledge once the content is safe with you: on your disk.
 */
public final class Delivery {
    private final Device device;
    private final Deliver deliver;

    Delivery(Device device, Deliver deliver) {
        this.device = device;
        this.deliver = deliver;
    }

    /** Number in this device's mailbox, rising; 0 if ephemeral. */
    public long sequence() {
        return deliver.getSequence();
    }

    /** The device that sent it, as the relay knows it. */
    public DeviceAddress from() {
        return new DeviceAddress(AccountId.of(deliver.getFromAccount()), deliver.getFromDevice());
    }

    /** The sender's id of the submission. */
    public EnvelopeId envelopeId() {
        return EnvelopeId.of(deliver.getEnvelopeId());
    }

    /** When the relay accepted it, by the relay's clock, in milliseconds since 1970. */
    public long acceptedAtMillis() {
        return deliver.getAcceptedAtMillis();
    }

    /** What it is for, as the sender said. */
    public EnvelopeClass envelopeClass() {
        return deliver.getClass_();
    }

    /** Whether the sender called it urgent. */
    public boolean isUrgent() {
        return deliver.getUrgent();
    }

    /** Whether the relay does not keep it; then there is nothing to acknowledge. */
    public boolean isEphemeral() {
        return deliver.getSequence() == 0;
    }

    /** What the sender made for this device. */
    public ByteString ciphertext() {
        return deliver.getCiphertext();
    }

    /**
     * Takes over this delivery and all before it: the relay may forget them. From any thread, at any time, in any order;
     * several are sent as one.
     */
    public void acknowledge() {
        if (!isEphemeral()) {
            device.acknowledge(sequence());
        }
    }
}
