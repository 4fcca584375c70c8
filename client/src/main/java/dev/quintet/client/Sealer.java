package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.MemberDevice;

/** Makes the ciphertext of one message for one device. The only place where a sender's plaintext and keys meet. */
@FunctionalInterface
public interface Sealer {
    /** The ciphertext that only this device can open. Called once for each device and attempt. */
    ByteString seal(MemberDevice device);
}
