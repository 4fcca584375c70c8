package dev.quintet.relay.link;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.Platform;

/**
 * What the primary is told of a device that wants to join.
 *
 * @param identityKey 32 bytes, as the device says; the key that it will have in the list
 * @param platform as the device says; {@code OTHER} if this version does not know the value
 * @param name as the device says; one line
 * @param network where it connects from, see {@link NetworkHint}
 */
public record Asking(ByteString identityKey, Platform platform, String name, String network) {
    /** Takes a platform of which this version has never heard. */
    public Asking {
        platform = platform == Platform.UNRECOGNIZED ? Platform.OTHER : platform;
    }
}
