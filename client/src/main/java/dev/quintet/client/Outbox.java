package dev.quintet.client;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.EnvelopeClass;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.Mismatch;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.Submit;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Sends a message to all devices of an account, whichever they are at that moment.
 *
 * <p>It learns the account's list when it needs it, verifies it, and when the relay says that the list has changed it
 * seals for the new one and tries again with the same envelope id. A relay that is overloaded, out of storage or limiting
 * gets the pause that it asks for.
 *
 * <p>An app whose sealing needs sessions gives its {@link Sessions}. Then the answer to a wrong list brings the keys of the
 * devices that were missing, so that one round trip is enough, also for a first message to an account of which nothing is
 * known but its id.
 *
 * <p>Two messages that are sent one right after the other stay in order unless the first is refused and tried again; wait
 * for the first one's future where order matters more than speed.
 *
 * <p><b>Thread:</b> any; the sealer is called on the caller's thread or on the device's event loop.
 * <b>Limits:</b> {@value #MOST_ATTEMPTS} attempts.
 * <b>Failure:</b> {@link RelayErrorException}, {@link DisconnectedException}, {@link UntrustedDeviceListException}, {@link
 * UntrustedKeysException}.
 */
public final class Outbox {
    private static final int MOST_ATTEMPTS = 5;
    private static final int ALL_DEVICES = 0;

    private final Device device;
    private final KnownDeviceLists lists;
    private final Optional<SessionStart> sessions;
    private final SecureRandom random = new SecureRandom();

    /** Lists may be shared by the devices of a process; they hear of the changes that the device is told. */
    public Outbox(Device device, KnownDeviceLists lists) {
        this(device, lists, Optional.empty());
    }

    /** As above, for an app that has a session with each device that it seals for. */
    public Outbox(Device device, KnownDeviceLists lists, Sessions sessions) {
        this(device, lists, Optional.of(new SessionStart(device, lists, sessions)));
    }

    private Outbox(Device device, KnownDeviceLists lists, Optional<SessionStart> sessions) {
        this.device = device;
        this.lists = lists;
        this.sessions = sessions;
        device.hearLists(lists);
    }

    /** Sends one message; completed when the relay has it on disk for every device. */
    public CompletableFuture<Sent> send(AccountId to, Sealer sealer) {
        return send(new Message(to, EnvelopeClass.MESSAGE, false, newId(), sealer));
    }

    /** Tells all other devices of this account something; completed when the relay has it on disk for each. */
    public CompletableFuture<Sent> sync(Sealer sealer) {
        return send(new Message(device.address().account(), EnvelopeClass.SYNC, false, newId(), sealer));
    }

    /**
     * Sends something that is worth nothing later, to the devices that are connected now: the relay never stores it.
     *
     * @param envelopeClass what it is for: {@code CALL}, {@code TYPING}, {@code PRESENCE}
     */
    public CompletableFuture<Sent> signal(AccountId to, EnvelopeClass envelopeClass, Sealer sealer) {
        return send(new Message(to, envelopeClass, false, newId(), sealer));
    }

    /**
     * Offers a call, which rings on all devices of the account that are connected until one of them claims it: {@link
     * Device#claim}. {@code nobody_connected} of the answer says that it rings nowhere. Fails with {@code RATE_LIMITED}
     * if this account has called that one too often.
     */
    public CompletableFuture<Sent> call(AccountId to, Sealer sealer) {
        return send(new Message(to, EnvelopeClass.CALL, true, newId(), sealer));
    }

    /**
     * Hands history or settings over to one other device of this account; completed when the relay has it on disk. Fails
     * with {@link IllegalArgumentException} if the account has no such device.
     */
    public CompletableFuture<Sent> handOver(int companion, Sealer sealer) {
        AccountId own = device.address().account();
        return send(new Message(own, EnvelopeClass.HISTORY, false, newId(), sealer, companion));
    }

    private EnvelopeId newId() {
        return new EnvelopeId(random.nextLong(), random.nextLong());
    }

    private CompletableFuture<Sent> send(Message message) {
        AccountId to = message.to;
        Optional<DeviceList> list = lists.of(to);
        if (list.isPresent()) {
            return attempt(message, list.get(), 1).toCompletableFuture();
        }
        if (sessions.isPresent() && !to.equals(device.address().account())) {
            return probe(message);
        }
        return device.deviceList(to)
                .thenApply(signed -> lists.learn(to, signed))
                .thenCompose(known -> attempt(message, known, 1));
    }

    /** Learns list and keys by a submission that cannot be right. */
    private CompletableFuture<Sent> probe(Message message) {
        Recipient.Builder recipient =
                Recipient.newBuilder().setAccount(message.to.toByteString()).addDevices(SessionStart.probe());
        return device.submit(submit(message, recipient))
                .thenApply(answers -> answers.getAnswers(0))
                .thenCompose(answer -> answer.hasMismatch()
                        ? changed(message, answer.getMismatch(), 1)
                        : CompletableFuture.failedFuture(new RelayErrorException(answer.getError())));
    }

    private record Message(
            AccountId to,
            EnvelopeClass envelopeClass,
            boolean isCallOffer,
            EnvelopeId envelopeId,
            Sealer sealer,
            int onlyDevice) {
        Message(AccountId to, EnvelopeClass envelopeClass, boolean isCallOffer, EnvelopeId envelopeId, Sealer sealer) {
            this(to, envelopeClass, isCallOffer, envelopeId, sealer, ALL_DEVICES);
        }

        boolean isFor(MemberDevice member) {
            return onlyDevice == ALL_DEVICES || onlyDevice == member.number();
        }
    }

    private CompletionStage<Sent> attempt(Message message, DeviceList list, int attempt) {
        List<MemberDevice> recipients = list.devices().stream()
                .filter(member -> message.isFor(member) && !isSelf(message.to, member))
                .toList();
        if (recipients.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException("account " + message.to + " has no such device but this one"));
        }
        List<MemberDevice> strangers = sessions.map(start -> start.missing(message.to, recipients.stream()))
                .orElse(List.of());
        return strangers.isEmpty()
                ? submit(message, list, recipients, attempt)
                : sessions.orElseThrow()
                        .ask(message.to, strangers)
                        .thenCompose(newest -> submit(message, newest, recipients, attempt));
    }

    private CompletionStage<Sent> submit(Message message, DeviceList list, List<MemberDevice> recipients, int attempt) {
        List<Integer> numbers = recipients.stream().map(MemberDevice::number).toList();
        return device.submit(submit(message, sealed(message, recipients)))
                .handle((answers, failure) -> failure == null
                        ? answered(message, list, numbers, answers.getAnswers(0), attempt)
                        : failed(message, list, failure, attempt))
                .thenCompose(next -> next);
    }

    private boolean isSelf(AccountId account, MemberDevice member) {
        return new DeviceAddress(account, member.number()).equals(device.address());
    }

    private static Recipient.Builder sealed(Message message, List<MemberDevice> devices) {
        Recipient.Builder recipient = Recipient.newBuilder().setAccount(message.to.toByteString());
        for (MemberDevice member : devices) {
            recipient.addDevices(DeviceEnvelope.newBuilder()
                    .setDevice(member.number())
                    .setRegistrationId(member.registrationId())
                    .setCiphertext(message.sealer.seal(member)));
        }
        return recipient;
    }

    private Submit submit(Message message, Recipient.Builder recipient) {
        return Submit.newBuilder()
                .setEnvelopeId(message.envelopeId.toByteString())
                .addRecipients(recipient)
                .setClass_(message.envelopeClass)
                .setCallOffer(message.isCallOffer)
                .setWantKeys(sessions.isPresent())
                .build();
    }

    private CompletionStage<Sent> answered(
            Message message, DeviceList list, List<Integer> devices, RecipientAnswer answer, int attempt) {
        return switch (answer.getOutcomeCase()) {
            case ACCEPTED ->
                CompletableFuture.completedFuture(
                        new Sent(message.envelopeId, list, devices, answer.getAccepted(), attempt));
            case MISMATCH -> changed(message, answer.getMismatch(), attempt);
            default -> failed(message, list, new RelayErrorException(answer.getError()), attempt);
        };
    }

    private CompletionStage<Sent> changed(Message message, Mismatch mismatch, int attempt) {
        if (attempt == MOST_ATTEMPTS) {
            Error error = Error.newBuilder()
                    .setMessage("the account's devices changed " + attempt + " times meanwhile")
                    .build();
            return CompletableFuture.failedFuture(new RelayErrorException(error));
        }
        DeviceList list = lists.learn(message.to, mismatch.getDeviceList());
        sessions.ifPresent(start -> start.begin(list, mismatch.getKeysList()));
        return attempt(message, list, attempt + 1);
    }

    private CompletionStage<Sent> failed(Message message, DeviceList list, Throwable failure, int attempt) {
        boolean isWorthAnotherTry = failure instanceof RelayErrorException error
                && error.retryAfterMillis() > 0
                && attempt < MOST_ATTEMPTS
                && !message.isCallOffer;
        if (!isWorthAnotherTry) {
            return CompletableFuture.failedFuture(failure);
        }
        long pauseMillis = ((RelayErrorException) failure).retryAfterMillis();
        Executor later = CompletableFuture.delayedExecutor(pauseMillis, TimeUnit.MILLISECONDS);
        return CompletableFuture.supplyAsync(() -> list, later)
                .thenCompose(same -> attempt(message, same, attempt + 1));
    }
}
