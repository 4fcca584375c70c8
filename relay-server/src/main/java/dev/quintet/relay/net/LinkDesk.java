package dev.quintet.relay.net;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.CloseLinkOffer;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.account.LinkAlerts;
import dev.quintet.relay.link.Asking;
import dev.quintet.relay.link.LinkOffers;
import dev.quintet.relay.link.LinkParty;
import dev.quintet.relay.link.LinkRefusal;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Where a device that is logged in claims link offers, which only the primary may, and hears of devices that were added.
 *
 * <p><b>Thread:</b> the connection's loop; {@link #tell} and {@link #ended} from any.
 */
final class LinkDesk implements LinkParty {
    private static final long ALERT_MILLIS = TimeUnit.DAYS.toMillis(30);

    private final LinkOffers offers;
    private final FrameWriter writer;
    private final AccountId account;
    private final int device;

    LinkDesk(LinkOffers offers, FrameWriter writer, AccountId account, int device) {
        this.offers = offers;
        this.writer = writer;
        this.account = account;
        this.device = device;
    }

    /** Claims an offer, passes a message on, or closes an offer. {@code list} is the account's newest. */
    void handle(ClientFrame request, DeviceList list) {
        LinkRefusal refusal = handleIfAllowed(request, list);
        if (refusal != null) {
            writer.sendError(request.getRequestId(), refusal.code(), refusal.message(), refusal.retryAfterMillis());
        }
    }

    private LinkRefusal handleIfAllowed(ClientFrame request, DeviceList list) {
        if (request.hasLinkTry()) {
            return new LinkRefusal(ErrorCode.LINK_OFFER_UNKNOWN, "only the new device begins a try", 0);
        }
        return list.primary().number() == device
                ? handleForPrimary(request, list)
                : new LinkRefusal(ErrorCode.FORBIDDEN, "only the primary links devices", 0);
    }

    private LinkRefusal handleForPrimary(ClientFrame request, DeviceList list) {
        switch (request.getBodyCase()) {
            case CLAIM_LINK_OFFER -> {
                int places = DeviceList.MAX_DEVICES - list.devices().size();
                return offers.claim(this, places, request.getClaimLinkOffer().getReference(), request.getRequestId());
            }
            case LINK_MESSAGE -> {
                return offers.pass(this, request.getLinkMessage());
            }
            case CLOSE_LINK_OFFER -> {
                CloseLinkOffer close = request.getCloseLinkOffer();
                return offers.close(this, close.getReference(), close.getReason());
            }
            default -> throw new IllegalArgumentException("no frame about links: " + request.getBodyCase());
        }
    }

    /** Who asks this primary for a place. */
    List<Asking> asked() {
        return offers.asked(this);
    }

    /** Tells of the devices that were added not too long ago by these versions of the list. */
    void tellAlerts(LinkAlerts alerts, long firstVersion, long lastVersion, long nowMillis) {
        alerts.newsFor(device)
                .filter(alert -> alert.getListVersion() >= firstVersion && alert.getListVersion() <= lastVersion)
                .filter(alert -> nowMillis - alert.getAtMillis() < ALERT_MILLIS)
                .forEach(alert -> writer.send(ServerFrame.newBuilder().setLinkAlert(alert)));
    }

    /** Lets the primary know who asks for the account and waits. {@code list} is the newest. */
    void look(DeviceList list) {
        if (list.primary().number() == device) {
            offers.arrived(this, account);
        }
    }

    /** The connection has ended. */
    void left() {
        offers.left(this, account);
    }

    @Override
    public void tell(ServerFrame.Builder frame) {
        if (writer.channel().eventLoop().inEventLoop()) {
            writer.send(frame);
        } else {
            writer.channel().eventLoop().execute(() -> writer.send(frame));
        }
    }

    @Override
    public void ended(ServerFrame.Builder last) {
        tell(last);
    }
}
