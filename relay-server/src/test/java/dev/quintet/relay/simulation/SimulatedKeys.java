package dev.quintet.relay.simulation;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.KeyBundle;
import dev.quintet.protocol.wire.OneTimePrekey;
import java.nio.ByteBuffer;

/** The one-time prekeys that one device makes, and its requests for those of others. */
final class SimulatedKeys {
    private final Simulation simulation;
    private final SimulatedDevice owner;
    private int lastKeyId;

    SimulatedKeys(Simulation simulation, SimulatedDevice owner) {
        this.simulation = simulation;
        this.owner = owner;
    }

    /** Adds some one-time prekeys. */
    void upload(DeviceSession session) {
        ClientFrame.Builder frame = ClientFrame.newBuilder();
        for (int keys = simulation.random().nextInt(1, 4); keys > 0; keys--) {
            int id = ++lastKeyId;
            frame.getPutKeysBuilder()
                    .addOneTime(OneTimePrekey.newBuilder().setId(id).setKey(key(id)));
        }
        session.send(frame, answer -> {
            if (!answer.hasKeyCount()
                    && !SimulatedDevice.isTemporary(answer.getError().getCode())) {
                owner.unexpected("put keys", answer);
            }
        });
    }

    /** The key that it has uploaded under this id. */
    ByteString key(int id) {
        ByteBuffer bytes = ByteBuffer.allocate(32);
        return ByteString.copyFrom(bytes.putInt(owner.uid()).putInt(id).rewind());
    }

    /** Asks for keys of somebody, perhaps its own. */
    void ask(DeviceSession session) {
        SimulatedAccount wanted = simulation
                .accounts()
                .get(simulation.random().nextInt(simulation.accounts().size()));
        if (!wanted.isRegistered()) {
            return;
        }
        long atLeast = wanted.confirmed().version();
        ClientFrame.Builder frame = ClientFrame.newBuilder();
        frame.getGetKeysBuilder().setAccount(wanted.id().toByteString());
        session.send(frame, answer -> {
            if (answer.hasKeyBundles()) {
                wanted.confirm(answer.getKeyBundles().getDeviceList(), atLeast);
                answer.getKeyBundles().getBundlesList().stream()
                        .filter(KeyBundle::hasOneTime)
                        .forEach(bundle -> got(wanted, bundle));
            } else if (!SimulatedDevice.isTemporary(answer.getError().getCode())) {
                owner.unexpected("get keys", answer);
            }
        });
    }

    private void got(SimulatedAccount wanted, KeyBundle bundle) {
        SimulatedDevice device = wanted.devices().get(bundle.getDevice() - 1);
        simulation
                .trace()
                .add("%s gets key %d of %s", owner, bundle.getOneTime().getId(), device);
        simulation.ledger().handedOut(device, bundle.getOneTime());
    }
}
