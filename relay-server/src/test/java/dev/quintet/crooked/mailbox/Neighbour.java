package dev.quintet.crooked.mailbox;

import io.netty.channel.Channel;
import org.rocksdb.RocksDB;

/** Knows a pipeline and RocksDB, which only other rooms may. */
public record Neighbour(Channel channel, RocksDB rows) {}
