/**
 * The wire between a device and the relay: frames, keys, signed device lists.
 *
 * <p>Start at {@link dev.quintet.protocol.FrameDecoder} for the bytes, at {@link dev.quintet.protocol.Submission} for
 * the frame that matters most, at {@link dev.quintet.protocol.DeviceList} for who belongs to an account. The authority
 * for names, numbers and sizes is {@code quintet/relay.proto}; its generated classes lie in {@code wire} below.
 *
 * <p>Nothing here has a thread of its own or global state. Imports Netty's buffers and codec, protobuf, and, only in
 * the key types, BouncyCastle.
 */
package dev.quintet.protocol;
