package dev.quintet.relay.net;

import dev.quintet.relay.account.Home;
import io.netty.channel.Channel;

/** Takes a channel to its account's home loop. */
public interface Mover {
    /** Runs {@code then} on {@code home}, where {@code channel} now lives; never, if the channel is closed before. */
    void move(Channel channel, Home home, Runnable then);
}
