package dev.quintet.load.drive;

import io.netty.channel.ChannelPipeline;

/** How one kind of server is spoken to. */
public interface Wire extends AutoCloseable {
    /**
     * Puts into the pipeline of a device's new connection what logs it in and speaks for it.
     *
     * @param listener hears what comes of it
     */
    void connect(ChannelPipeline pipeline, DriveDevice device, LineListener listener);

    /** Whether an account's first device has to be connected before the others can be. */
    boolean isPrimaryFirst();

    /** All connections have ended. */
    @Override
    default void close() {}
}
