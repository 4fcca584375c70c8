package dev.quintet.load;

import com.google.protobuf.ByteString;
import dev.quintet.client.Delivery;
import dev.quintet.client.DeviceAddress;
import dev.quintet.client.DeviceKeys;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.MemberDevice;

/** What a fleet puts into envelopes: something that shows whether it arrived whole, and where it was meant to. */
interface Parcel {
    /**
     * The ciphertext for one device.
     *
     * @param to the device's address
     * @param device the device as it stands in its account's list
     */
    ByteString pack(DeviceKeys from, DeviceAddress to, MemberDevice device, EnvelopeId envelopeId);

    /** Whether it is what was packed for this device under this envelope id. */
    boolean isIntact(DeviceKeys receiver, Delivery delivery);
}
