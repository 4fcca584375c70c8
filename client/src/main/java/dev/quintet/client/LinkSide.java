package dev.quintet.client;

import dev.quintet.protocol.wire.LinkCloseReason;
import dev.quintet.protocol.wire.LinkMessage;

/** What a primary's {@link Device} tells about a link offer that it takes part in, on its event loop. */
interface LinkSide {
    /** The new device says something. */
    void arrived(LinkMessage message);

    /** The offer has ended. */
    void closed(LinkCloseReason reason);

    /** The connection has, and with it the offer. */
    void disconnected();
}
