package dev.quintet.load.drive;

import com.google.protobuf.ByteString;
import dev.quintet.client.DeviceKeys;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.Authenticate;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.protocol.wire.Register;
import dev.quintet.protocol.wire.Role;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * The frames by which an account comes to be and its devices log in: registration with the primary alone, one list with
 * all devices, one login each.
 *
 * <p><b>Thread:</b> the driver's event loop; about a millisecond of signatures for each account.
 */
final class RelayLogin {
    private static final int VERSION = 1;
    private static final SecureRandom RANDOM = new SecureRandom();

    private RelayLogin() {}

    /** Makes the keys of all devices of the account, and the frame that registers its primary. */
    static ClientFrame register(DriveAccount account, Challenge challenge, CertificateHash certificate) {
        AccountId id = AccountId.of(challenge.getNewAccount());
        account.named(id);
        for (DriveDevice device : account.devices()) {
            Optional<Ed25519Secret> accountSecret =
                    device.number() == 1 ? Optional.of(Ed25519Secret.generate(RANDOM)) : Optional.empty();
            device.keys(new DeviceKeys(
                    id,
                    device.number(),
                    RANDOM.nextInt(1, Integer.MAX_VALUE),
                    Ed25519Secret.generate(RANDOM),
                    accountSecret));
        }
        byte[] statement = Statement.register(challenge.getChallenge().toByteArray(), id, 1, certificate);
        return ClientFrame.newBuilder()
                .setRegister(Register.newBuilder()
                        .setVersion(VERSION)
                        .setDeviceList(list(account, 1, account.devices().subList(0, 1)))
                        .setSignature(signature(account.device(1), statement)))
                .build();
    }

    /** The list with all devices of the account. */
    static ClientFrame putList(DriveAccount account) {
        return ClientFrame.newBuilder()
                .setPutDeviceList(PutDeviceList.newBuilder().setDeviceList(list(account, 2, account.devices())))
                .build();
    }

    /** The login of a device that is in the list. */
    static ClientFrame authenticate(DriveDevice device, Challenge challenge, CertificateHash certificate) {
        AccountId id = device.account().id();
        byte[] statement =
                Statement.authenticate(challenge.getChallenge().toByteArray(), id, device.number(), certificate);
        return ClientFrame.newBuilder()
                .setAuthenticate(Authenticate.newBuilder()
                        .setVersion(VERSION)
                        .setAccount(id.toByteString())
                        .setDevice(device.number())
                        .setSignature(signature(device, statement)))
                .build();
    }

    private static ByteString signature(DriveDevice device, byte[] statement) {
        return ByteString.copyFrom(device.keys().identity().sign(statement));
    }

    private static SignedDeviceList list(DriveAccount account, int version, List<DriveDevice> devices) {
        Ed25519Secret accountSecret = account.device(1).keys().accountSecret().orElseThrow();
        DeviceListContent.Builder content = DeviceListContent.newBuilder()
                .setAccount(account.id().toByteString())
                .setVersion(version)
                .setAccountKey(accountSecret.publicKey().toByteString());
        for (DriveDevice device : devices) {
            content.addDevices(ListedDevice.newBuilder()
                    .setDevice(device.number())
                    .setIdentityKey(device.keys().identity().publicKey().toByteString())
                    .setRegistrationId(device.keys().registrationId())
                    .setRole(device.number() == 1 ? Role.PRIMARY : Role.COMPANION)
                    .setPlatform(Platform.LINUX));
        }
        return DeviceList.sign(content.build(), accountSecret);
    }
}
