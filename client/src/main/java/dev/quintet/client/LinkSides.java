package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.LinkMessage;
import dev.quintet.protocol.wire.LinkOfferClosed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The link offers that a device takes part in, by reference: each hears what the relay says about it.
 *
 * <p><b>Thread:</b> the device's event loop.
 */
final class LinkSides {
    private final Map<ByteString, LinkSide> sides = new HashMap<>();

    /** From now on {@code side} hears of this offer, and no other. */
    void put(ByteString reference, LinkSide side) {
        sides.put(reference, side);
    }

    /** It hears nothing more, unless another one does instead. */
    void remove(ByteString reference, LinkSide side) {
        sides.remove(reference, side);
    }

    void arrived(LinkMessage message) {
        LinkSide side = sides.get(message.getReference());
        if (side != null) {
            side.arrived(message);
        }
    }

    void closed(LinkOfferClosed closed) {
        LinkSide side = sides.remove(closed.getReference());
        if (side != null) {
            side.closed(closed.getReason());
        }
    }

    /** All offers have ended with the connection. */
    void disconnected() {
        List<LinkSide> lost = List.copyOf(sides.values());
        sides.clear();
        lost.forEach(LinkSide::disconnected);
    }
}
