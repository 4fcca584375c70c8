package dev.quintet.relay.simulation;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.ServerFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The part of a primary that changes its account's device list: adds, removes and reinstalls companions, now and then
 * in two ways at once, and now and then one too many.
 */
final class ListKeeper {
    private final Simulation simulation;
    private final SimulatedAccount account;
    private final List<Proposal> proposals = new ArrayList<>();

    ListKeeper(Simulation simulation, SimulatedAccount account) {
        this.simulation = simulation;
        this.account = account;
    }

    /** Whether a list may be stored that is not known to be. */
    boolean hasProposals() {
        return !proposals.isEmpty();
    }

    /** Sends what is due; if nothing waits, thinks of something new. */
    void act(DeviceSession session) {
        proposals.removeIf(proposal -> proposal.version() <= account.confirmed().version());
        if (proposals.isEmpty() && !simulation.isCalm()) {
            propose(simulation.random());
            if (simulation.random().nextInt(6) == 0) {
                propose(simulation.random());
            }
        }
        for (Proposal proposal : List.copyOf(proposals)) {
            if (proposal.isDue(session, simulation.clock().millis())) {
                send(session, proposal);
            }
        }
    }

    private void propose(RandomGenerator random) {
        List<ListedDevice> members = account.members();
        boolean canAdd = account.devices().size() < SimulatedAccount.MOST_DEVICES;
        boolean isFull = members.size() == DeviceList.MAX_DEVICES;
        int choice = random.nextInt(6);
        if (choice < 3 && canAdd && (!isFull || random.nextInt(4) == 0)) {
            members.add(account.listed(account.addDevice().number()));
        } else if (members.size() > 1) {
            int changed = random.nextInt(1, members.size());
            ListedDevice before = members.remove(changed);
            if (choice == 5) {
                members.add(changed, account.listed(before.getDevice()));
            }
        } else {
            return;
        }
        long version = account.confirmed().version() + 1;
        proposals.add(new Proposal(account.signNext(members), version, members.size() > DeviceList.MAX_DEVICES));
    }

    private void send(DeviceSession session, Proposal proposal) {
        simulation.trace().add("%s proposes list %d", account, proposal.version());
        proposal.send(session);
        long atLeast = account.confirmed().version();
        ClientFrame.Builder frame = ClientFrame.newBuilder();
        frame.getPutDeviceListBuilder().setDeviceList(proposal.list());
        session.send(frame, answer -> answered(proposal, atLeast, answer));
    }

    private void answered(Proposal proposal, long atLeast, ServerFrame answer) {
        simulation.trace().add("%s is told of list %d: %s", account, proposal.version(), answer.getBodyCase());
        if (answer.hasDeviceListStored()) {
            if (proposal.isInvalid()) {
                throw new Violation(Promise.FIVE_AT_MOST, account + " has more than five devices");
            }
            account.confirm(proposal.list(), 0);
            proposals.remove(proposal);
        } else {
            failed(proposal, atLeast, answer.getError());
        }
    }

    private void failed(Proposal proposal, long atLeast, Error error) {
        if (SimulatedDevice.isTemporary(error.getCode())) {
            proposal.waitUntil(simulation.clock().millis() + error.getRetryAfterMillis());
        } else if (error.getCode() == ErrorCode.LIST_CONFLICT) {
            account.confirm(error.getDeviceList(), atLeast);
            proposals.remove(proposal);
        } else if (error.getCode() == ErrorCode.INVALID_DEVICE_LIST && proposal.isInvalid()) {
            proposals.remove(proposal);
        } else {
            throw new Violation(Promise.BOUNDED, account + " put a list and got " + error);
        }
    }
}
