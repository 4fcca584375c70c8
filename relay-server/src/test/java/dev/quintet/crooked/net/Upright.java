package dev.quintet.crooked.net;

import dev.quintet.crooked.account.Sideways;
import io.netty.channel.Channel;

/** Breaks no rule: imports what is below, and its channel is where channels may be. */
public record Upright(Channel channel, Sideways below) {}
