package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.KeyUpload;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.GetKeyCount;
import dev.quintet.protocol.wire.GetKeys;
import dev.quintet.protocol.wire.KeyBundle;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.KeyCount;
import dev.quintet.protocol.wire.OneTimePrekey;
import dev.quintet.protocol.wire.PutKeys;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedPrekey;
import dev.quintet.relay.server.RunningRelay;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys over a socket: what a device may upload, and who gets them. */
@Timeout(30)
class KeysTest {
    private static final ByteString KEY = ByteString.copyFrom(new byte[32]);

    private static RunningRelay relay;

    @BeforeAll
    static void open() {
        relay = Door.NIO_PLAIN.open(Map.of());
    }

    @AfterAll
    static void close() {
        relay.close();
    }

    private static PutKeys.Builder oneTime(int first, int last) {
        PutKeys.Builder keys = PutKeys.newBuilder();
        for (int id = first; id <= last; id++) {
            keys.addOneTime(OneTimePrekey.newBuilder().setId(id).setKey(KEY));
        }
        return keys;
    }

    private static SignedPrekey.Builder signed(RawAccount account, int device) {
        return KeyUpload.signedPrekey(account.id(), device, 1, KEY, account.identity(device)).toBuilder();
    }

    private static ServerFrame put(RawDevice device, PutKeys.Builder keys) {
        return device.ask(ClientFrame.newBuilder().setPutKeys(keys));
    }

    private static KeyCount count(RawDevice device) {
        return device.ask(ClientFrame.newBuilder().setGetKeyCount(GetKeyCount.getDefaultInstance()))
                .getKeyCount();
    }

    private static ServerFrame get(RawDevice device, ByteString account, int... devices) {
        GetKeys.Builder get = GetKeys.newBuilder().setAccount(account);
        for (int wanted : devices) {
            get.addDevices(wanted);
        }
        return device.ask(ClientFrame.newBuilder().setGetKeys(get));
    }

    /** An upload that is refused, by what a good account makes of it. */
    enum Bad {
        TEN_THOUSAND_PREKEYS(account -> oneTime(1, 10_000)),
        ONE_PREKEY_TOO_MANY(account -> oneTime(1, 101)),
        NOTHING(account -> PutKeys.newBuilder()),
        AN_ID_TWICE(account -> oneTime(1, 5).addOneTime(oneTime(5, 5).getOneTime(0))),
        IDS_THAT_FALL(account -> oneTime(7, 8).addOneTime(oneTime(2, 2).getOneTime(0))),
        AN_ID_OF_ZERO(account -> oneTime(0, 3)),
        AN_ID_OF_32_BITS(account -> oneTime(Integer.MIN_VALUE, Integer.MIN_VALUE)),
        A_SIGNATURE_OF_ZEROS(account ->
                oneTime(1, 5).setSignedPrekey(signed(account, 1).setSignature(ByteString.copyFrom(new byte[64])))),
        A_SIGNATURE_OVER_ANOTHER_ID(
                account -> oneTime(1, 5).setSignedPrekey(signed(account, 1).setId(2))),
        A_SIGNATURE_BY_ANOTHER_DEVICE(account -> oneTime(1, 5).setSignedPrekey(signed(account, 2))),
        A_SIGNATURE_FOR_ANOTHER_DEVICE(account ->
                oneTime(1, 5).setSignedPrekey(KeyUpload.signedPrekey(account.id(), 2, 1, KEY, account.identity(1)))),
        A_SIGNATURE_FOR_ANOTHER_PURPOSE(account -> {
            SignedPrekey prekey = signed(account, 1).build();
            PutKeys.Builder keys = oneTime(1, 5);
            keys.getLastResortBuilder()
                    .setId(prekey.getId())
                    .setKey(prekey.getKey())
                    .setSignature(prekey.getSignature());
            return keys;
        });

        private final Function<RawAccount, PutKeys.Builder> upload;

        Bad(Function<RawAccount, PutKeys.Builder> upload) {
            this.upload = upload;
        }
    }

    @ParameterizedTest
    @EnumSource
    void storesNothingOf(Bad bad) {
        try (RawDevice device = RawDevice.connect(relay)) {
            RawAccount account = device.register();

            Error error = put(device, bad.upload.apply(account)).getError();

            assertThat(error.getCode()).isEqualTo(ErrorCode.INVALID_KEYS);
            assertThat(error.getClosing()).isFalse();
            assertThat(error.getMessage()).isNotBlank();
            assertThat(count(device)).isEqualTo(KeyCount.getDefaultInstance());
            assertThat(put(device, oneTime(1, 5)).getKeyCount().getOneTime()).isEqualTo(5);
        }
    }

    @Test
    void handsOutWhatADeviceUploadedAndTellsItWhenNothingIsLeft() {
        try (RawDevice owner = RawDevice.connect(relay);
                RawDevice stranger = RawDevice.connect(relay)) {
            RawAccount account = owner.register();
            stranger.register();
            put(owner, oneTime(1, 2).setSignedPrekey(signed(account, 1)));

            KeyBundles first = get(stranger, account.id().toByteString()).getKeyBundles();
            KeyBundle second = get(stranger, account.id().toByteString(), 1)
                    .getKeyBundles()
                    .getBundles(0);
            owner.read(ServerFrame::hasKeysExhausted);
            KeyBundle third = get(stranger, account.id().toByteString(), 1)
                    .getKeyBundles()
                    .getBundles(0);

            assertThat(first.getDeviceList()).isEqualTo(account.list(1, 1));
            assertThat(first.getBundles(0).getOneTime().getId()).isEqualTo(1);
            assertThat(second.getOneTime().getId()).isEqualTo(2);
            assertThat(third.hasOneTime()).isFalse();
            assertThat(third.getExhausted()).isTrue();
            assertThat(third.getSignedPrekey()).isEqualTo(signed(account, 1).build());
        }
    }

    @Test
    void storesUploadsInTheOrderInWhichTheyWereSent() {
        try (RawDevice device = RawDevice.connect(relay)) {
            RawAccount account = device.register();
            for (int upload = 0; upload < 4; upload++) {
                device.send(ClientFrame.newBuilder()
                        .setPutKeys(oneTime(upload * 10 + 1, upload * 10 + 10).setSignedPrekey(signed(account, 1))));
            }
            for (int upload = 1; upload <= 4; upload++) {
                assertThat(device.read(frame -> frame.hasKeyCount() || frame.hasError())
                                .getKeyCount()
                                .getOneTime())
                        .isEqualTo(upload * 10);
            }
        }
    }

    @Test
    void limitsRequestsForTheKeysOfOneAccount() {
        try (RawDevice owner = RawDevice.connect(relay);
                RawDevice stranger = RawDevice.connect(relay)) {
            RawAccount account = owner.register();
            stranger.register();
            put(owner, oneTime(1, 100));
            for (int request = 0; request < 6; request++) {
                assertThat(get(stranger, account.id().toByteString()).hasKeyBundles())
                        .isTrue();
            }

            Error error = get(stranger, account.id().toByteString()).getError();

            assertThat(error.getCode()).isEqualTo(ErrorCode.RATE_LIMITED);
            assertThat(error.getRetryAfterMillis()).isBetween(500_000, 600_001);
            assertThat(count(owner).getOneTime()).isEqualTo(94);
            assertThat(stranger.isAlive()).isTrue();
        }
    }

    @Test
    void knowsNoKeysOfAnUnknownAccount() {
        try (RawDevice device = RawDevice.connect(relay)) {
            device.register();
            assertThat(get(device, RawDevice.randomId()).getError().getCode()).isEqualTo(ErrorCode.NOT_FOUND);
        }
    }
}
