package dev.quintet.relay.net;

import dev.quintet.protocol.FrameChecker;
import dev.quintet.protocol.FrameReader;
import dev.quintet.protocol.Handle;
import dev.quintet.protocol.OneLine;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.CloseLinkOffer;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.OpenLinkOffer;
import dev.quintet.protocol.wire.Pong;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.link.Asking;
import dev.quintet.relay.link.LinkOffers;
import dev.quintet.relay.link.LinkParty;
import dev.quintet.relay.link.LinkRefusal;
import dev.quintet.relay.link.NetworkHint;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * A socket whose device has opened a link offer instead of logging in: what {@link Handshake} does from then on.
 *
 * <p>The offer's life is the connection's: with the one the other ends.
 *
 * <p><b>Thread:</b> the loop that accepted the socket; {@link #tell} and {@link #ended} from any.
 */
final class LinkingDevice implements LinkParty {
    private final Reception reception;
    private final LinkOffers offers;
    private final FrameWriter writer;
    private final Watch watch;

    LinkingDevice(Reception reception, FrameWriter writer, Watch watch) {
        this.reception = reception;
        this.offers = reception.linkOffers();
        this.writer = writer;
        this.watch = watch;
    }

    /**
     * Opens the offer.
     *
     * @return null if it is open
     * @throws ProtocolException if what the device calls itself, or the handle, is not one line
     */
    LinkRefusal open(long requestId, OpenLinkOffer request) {
        if (!OneLine.is(request.getName())) {
            throw new ProtocolException(
                    ErrorCode.MALFORMED, "OpenLinkOffer.name has characters that are not for a line");
        }
        Handle handle = HandleRequests.handle(request.getHandle());
        SocketAddress address = writer.channel().remoteAddress();
        Asking asking =
                new Asking(request.getIdentityKey(), request.getPlatform(), request.getName(), NetworkHint.of(address));
        LinkRefusal refusal = offers.open(this, asking, handle != null, counted(address), requestId);
        if (refusal == null && handle != null) {
            // The answer leaves first: how long it takes must not tell whether there is such an account.
            writer.channel().eventLoop().execute(() -> ask(handle));
        }
        return refusal;
    }

    private void ask(Handle handle) {
        reception.handleNames().find(handle.toBytes(), account -> {
            if (account != null) {
                HomeRooms rooms = reception.homeOf(account);
                rooms.home().run(() -> rooms.linkAttempts().ask(account, handle, this));
            }
        });
    }

    private static String counted(SocketAddress address) {
        return address instanceof InetSocketAddress internet && internet.getAddress() != null
                ? internet.getAddress().getHostAddress()
                : "";
    }

    /** Handles a frame; the caller releases it. */
    void read(ByteBuf frame) {
        int body = FrameChecker.CLIENT.check(frame);
        ClientFrame request = FrameReader.clientFrame(frame);
        long requestId = request.getRequestId();
        switch (body) {
            case ClientFrame.LINK_MESSAGE_FIELD_NUMBER ->
                answer(requestId, offers.pass(this, request.getLinkMessage()));
            case ClientFrame.LINK_TRY_FIELD_NUMBER ->
                answer(requestId, offers.beginTry(this, request.getLinkTry().getReference()));
            case ClientFrame.CLOSE_LINK_OFFER_FIELD_NUMBER -> {
                CloseLinkOffer close = request.getCloseLinkOffer();
                answer(requestId, offers.close(this, close.getReference(), close.getReason()));
            }
            case ClientFrame.PING_FIELD_NUMBER ->
                writer.send(ServerFrame.newBuilder()
                        .setRequestId(requestId)
                        .setPong(Pong.newBuilder().setToken(request.getPing().getToken())));
            case ClientFrame.PONG_FIELD_NUMBER -> {}
            case 0 -> end(requestId, ErrorCode.UNKNOWN_FRAME, "this relay does not know the frame");
            default -> end(requestId, ErrorCode.WRONG_STATE, "this connection is for linking");
        }
    }

    private void answer(long requestId, LinkRefusal refusal) {
        if (refusal != null) {
            writer.sendError(requestId, refusal.code(), refusal.message(), refusal.retryAfterMillis());
        }
    }

    private void end(long requestId, ErrorCode code, String message) {
        writer.end(requestId, code, message, 0, watch.now());
        offers.left(this);
    }

    /** Does what is due for the offer; once a second. */
    void look() {
        offers.look(this);
    }

    /** The connection has ended. */
    void left() {
        offers.left(this);
    }

    @Override
    public void tell(ServerFrame.Builder frame) {
        onLoop(() -> writer.send(frame));
    }

    @Override
    public void ended(ServerFrame.Builder last) {
        onLoop(() -> writer.end(last, watch.now()));
    }

    private void onLoop(Runnable action) {
        Channel channel = writer.channel();
        if (channel.eventLoop().inEventLoop()) {
            action.run();
        } else {
            channel.eventLoop().execute(action);
        }
    }
}
