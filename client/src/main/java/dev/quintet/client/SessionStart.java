package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.KeyUpload;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.KeyBundle;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Gets the keys that an app's sessions begin with: those that come with a mismatch, and the others by a request.
 *
 * <p><b>Thread:</b> any; immutable.
 */
final class SessionStart {
    private final Device device;
    private final KnownDeviceLists lists;
    private final Sessions sessions;

    SessionStart(Device device, KnownDeviceLists lists, Sessions sessions) {
        this.device = device;
        this.lists = lists;
        this.sessions = sessions;
    }

    /** Stands for the devices of an account of which nothing is known but its id: it is wrong, and the answer says how. */
    static DeviceEnvelope probe() {
        return DeviceEnvelope.newBuilder()
                .setDevice(DeviceKeys.FIRST_DEVICE)
                .setCiphertext(ByteString.copyFrom(new byte[1]))
                .build();
    }

    /** Begins a session with each device whose keys have come. */
    void begin(DeviceList list, List<KeyBundle> bundles) {
        for (KeyBundle keys : bundles) {
            MemberDevice member = list.device(keys.getDevice());
            if (member != null) {
                check(list.account(), member, keys);
                sessions.begin(list.account(), member, keys);
            }
        }
    }

    private static void check(AccountId account, MemberDevice member, KeyBundle keys) {
        boolean isSigned = keys.getRegistrationId() == member.registrationId()
                && (!keys.hasSignedPrekey()
                        || KeyUpload.isSignedBy(keys.getSignedPrekey(), account, member.number(), member.identityKey()))
                && (!keys.hasLastResort()
                        || KeyUpload.isSignedBy(keys.getLastResort(), account, member.number(), member.identityKey()));
        if (!isSigned) {
            throw new UntrustedKeysException("the relay served keys of " + new DeviceAddress(account, member.number())
                    + " that this device has not signed");
        }
    }

    /** The devices among these with which there is no session. */
    List<MemberDevice> missing(AccountId account, Stream<MemberDevice> members) {
        return members.filter(member -> !sessions.has(account, member)).toList();
    }

    /** Asks for the keys of these devices, and begins; completed with the list that came with them. */
    CompletableFuture<DeviceList> ask(AccountId account, List<MemberDevice> members) {
        int[] numbers = members.stream().mapToInt(MemberDevice::number).toArray();
        return device.keys(account, numbers).thenApply(bundles -> {
            DeviceList list = lists.learn(account, bundles.getDeviceList());
            begin(list, bundles.getBundlesList());
            return list;
        });
    }
}
