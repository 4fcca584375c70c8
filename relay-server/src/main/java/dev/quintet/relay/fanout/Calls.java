package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.wire.CallClaim;
import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.relay.account.Home;
import dev.quintet.relay.account.Homes;
import dev.quintet.relay.mailbox.Subscriber;
import dev.quintet.relay.store.Resident;
import java.util.List;

/**
 * Where one device takes a call that rings on all devices of its account.
 *
 * <p>An offer is a submission of class CALL like any other; the first device that claims it wins, and everybody else who
 * is concerned is told: the account's other devices, so that they stop ringing, and the device that calls.
 *
 * <p><b>Thread:</b> the callee's home loop; the caller is told on its own. <b>Memory:</b> {@link OpenCalls}.
 */
public final class Calls {
    private final Homes homes;
    private final List<FanOut> fanOuts;

    /** The calls to the accounts of all homes, whose fan-outs come in their order. */
    public Calls(Homes homes, List<FanOut> fanOuts) {
        this.homes = homes;
        this.fanOuts = List.copyOf(fanOuts);
    }

    /**
     * A device claims a call.
     *
     * @param resident the device's account
     * @param device its number
     * @param claimer its connection, which learns the answer from here and is not told again
     * @return who has the call; null if no such call rings at this device
     */
    public CallClaimed claim(Resident resident, int device, Subscriber claimer, CallClaim claim) {
        CallName name = new CallName(
                resident.account(),
                AccountId.of(claim.getFromAccount()),
                claim.getFromDevice(),
                EnvelopeId.of(claim.getEnvelopeId()));
        FanOut fanOut = fanOuts.get(homes.of(resident.account()).index());
        OpenCalls.Claim outcome = fanOut.calls.claim(name, device);
        if (outcome.isGone()) {
            return null;
        }
        CallClaimed claimed = claimed(name, outcome.device());
        if (outcome.isFirst()) {
            fanOut.mailboxes.subscribers(resident).stream()
                    .filter(subscriber -> subscriber != claimer)
                    .forEach(subscriber -> subscriber.callClaimed(claimed));
            tellCaller(name, claimed);
        }
        return claimed;
    }

    private static CallClaimed claimed(CallName name, int device) {
        return CallClaimed.newBuilder()
                .setEnvelopeId(name.id().toByteString())
                .setFromAccount(name.caller().toByteString())
                .setFromDevice(name.callerDevice())
                .setAccount(name.callee().toByteString())
                .setDevice(device)
                .build();
    }

    /** A device that calls its own account has been told among the others. */
    private void tellCaller(CallName name, CallClaimed claimed) {
        if (name.caller().equals(name.callee())) {
            return;
        }
        Home home = homes.of(name.caller());
        FanOut fanOut = fanOuts.get(home.index());
        // If the account cannot be read now, the device is not connected.
        home.run(() -> home.residents().with(name.caller(), resident -> {
            Subscriber caller = fanOut.mailboxes.subscriber(resident, name.callerDevice());
            if (caller != null) {
                caller.callClaimed(claimed);
            }
        }));
    }
}
