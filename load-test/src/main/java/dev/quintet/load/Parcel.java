package dev.quintet.load;

import com.google.protobuf.ByteString;
import dev.quintet.client.Delivery;
import dev.quintet.client.DeviceAddress;
import dev.quintet.client.DeviceKeys;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.MemberDevice;
import java.util.OptionalLong;

/** What a fleet puts into envelopes: something that shows whether it arrived whole, and where it was meant to. */
interface Parcel {
    /**
     * The ciphertext for one device.
     *
     * @param to the device's address
     * @param device the device as it stands in its account's list
     * @param sentNanos this process's clock
     */
    ByteString pack(DeviceKeys from, DeviceAddress to, MemberDevice device, EnvelopeId envelopeId, long sentNanos);

    /** The time that was packed; empty if it is not what was packed for this device under this envelope id. */
    OptionalLong unpack(DeviceKeys receiver, Delivery delivery);
}
