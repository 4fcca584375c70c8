package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Delivery;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceAddress;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceListener;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.DisconnectedException;
import dev.quintet.client.Disconnection;
import dev.quintet.client.LinkKnock;
import dev.quintet.client.RelayAddress;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.Backlog;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.Gap;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.protocol.wire.SubmitAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One device of a fleet: everything that it sends and receives goes through the checker.
 *
 * <p><b>Thread:</b> any; a lock around each submission, so that checker and device see them in the same order.
 */
final class FleetDevice implements DeviceListener, AutoCloseable {
    private final DeviceKeys keys;
    private final Fleet.Instruments instruments;
    private final DeliveryChecker checker;
    private final FleetObserver observer;
    private final Device device;
    private final Queue<CompletableFuture<LinkKnock>> knocks = new ConcurrentLinkedQueue<>();
    private volatile OptionalLong backlogCount = OptionalLong.empty();
    private volatile Disconnection lastDisconnection;

    FleetDevice(
            ClientTransport transport,
            RelayAddress relay,
            DeviceKeys keys,
            DeviceOptions options,
            Fleet.Instruments instruments) {
        this.keys = keys;
        this.instruments = instruments;
        checker = instruments.checker();
        observer = instruments.observer();
        device = Device.resumeAfter(0, transport, relay, keys, options, this);
    }

    Device device() {
        return device;
    }

    DeviceAddress address() {
        return keys.address();
    }

    /** The next device that asks by handle to be linked. */
    CompletableFuture<LinkKnock> nextKnock() {
        CompletableFuture<LinkKnock> knock = new CompletableFuture<>();
        knocks.add(knock);
        return knock;
    }

    /** How much waited at the last login; empty until the relay has said so. */
    OptionalLong backlogCount() {
        return backlogCount;
    }

    /** Why it was last not connected; null if it always was. */
    Disconnection lastDisconnection() {
        return lastDisconnection;
    }

    /** Submits an envelope for each device of the account; completed with the relay's answer for it. */
    CompletableFuture<RecipientAnswer> send(FleetAccount to) {
        return send(to, newEnvelopeId());
    }

    /** A new random id. */
    static EnvelopeId newEnvelopeId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new EnvelopeId(random.nextLong(), random.nextLong());
    }

    /** As {@link #send(FleetAccount)}, with this id. */
    synchronized CompletableFuture<RecipientAnswer> send(FleetAccount to, EnvelopeId envelopeId) {
        Submit submit = submit(to.list(), envelopeId);
        List<DeviceAddress> recipients = new ArrayList<>(to.list().devices().size());
        to.list().devices().forEach(member -> recipients.add(new DeviceAddress(to.id(), member.number())));
        checker.submitted(address(), envelopeId, recipients);
        long sentNanos = instruments.sent(envelopeId);
        return device.submit(submit).handle((answers, failure) -> answered(envelopeId, sentNanos, answers, failure));
    }

    private Submit submit(DeviceList to, EnvelopeId envelopeId) {
        Recipient.Builder recipient =
                Recipient.newBuilder().setAccount(to.account().toByteString());
        for (MemberDevice member : to.devices()) {
            DeviceAddress address = new DeviceAddress(to.account(), member.number());
            recipient.addDevices(DeviceEnvelope.newBuilder()
                    .setDevice(member.number())
                    .setRegistrationId(member.registrationId())
                    .setCiphertext(instruments.parcel().pack(keys, address, member, envelopeId)));
        }
        return Submit.newBuilder()
                .setEnvelopeId(envelopeId.toByteString())
                .addRecipients(recipient)
                .build();
    }

    private RecipientAnswer answered(EnvelopeId envelopeId, long sentNanos, SubmitAnswer answers, Throwable failure) {
        if (failure instanceof DisconnectedException) {
            return RecipientAnswer.getDefaultInstance();
        }
        RecipientAnswer answer = failure == null ? answers.getAnswers(0) : RecipientAnswer.getDefaultInstance();
        if (answer.hasAccepted()) {
            checker.accepted(envelopeId, answer.getAccepted().getFullDevicesList());
            observer.accepted(envelopeId, System.nanoTime() - sentNanos);
        } else {
            checker.refused(envelopeId);
        }
        return answer;
    }

    @Override
    public void delivered(Delivery delivery) {
        long nowNanos = System.nanoTime();
        instruments.checks().execute(() -> check(delivery, nowNanos));
    }

    private void check(Delivery delivery, long arrivedNanos) {
        EnvelopeId envelopeId = delivery.envelopeId();
        if (!instruments.parcel().isIntact(keys, delivery)) {
            checker.damaged(address(), envelopeId);
        }
        checker.delivered(address(), delivery.from(), envelopeId);
        delivery.acknowledge();
        observer.delivered(this, envelopeId, arrivedNanos - instruments.sentNanos(envelopeId));
    }

    @Override
    public void redelivered(Delivery delivery, boolean wasAcknowledged) {
        if (wasAcknowledged) {
            checker.deliveredAfterAcknowledgement(address(), delivery.envelopeId());
        } else {
            checker.redelivered(address());
        }
    }

    @Override
    public void linkRequested(LinkKnock knock) {
        CompletableFuture<LinkKnock> awaited = knocks.poll();
        if (awaited == null) {
            knock.refuse();
        } else {
            awaited.complete(knock);
        }
    }

    @Override
    public void gap(Gap gap) {
        checker.gap(address(), gap.getCount());
    }

    @Override
    public void hole(long missingSequence) {
        checker.hole(address(), missingSequence);
    }

    @Override
    public void backlog(Backlog backlog) {
        backlogCount = OptionalLong.of(backlog.getCount());
    }

    @Override
    public void disconnected(Disconnection disconnection) {
        lastDisconnection = disconnection;
        backlogCount = OptionalLong.empty();
    }

    @Override
    public void close() {
        device.close();
    }
}
