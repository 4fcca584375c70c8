package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceListDraft;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.KnownDeviceLists;
import dev.quintet.client.RelayAddress;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.MemberDevice;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command that shows an account's devices, and removes one. */
@Command(
        name = "devices",
        description = {
            "Shows the devices of this device's account, as their primary has signed them.",
            "",
            "With --remove the primary signs a list without that device: its connection, mailbox and keys end at once. With",
            "--leave a companion does the same to itself.",
            ""
        })
final class Devices implements Callable<Integer> {
    private static final int NOBODY = 0;

    @Mixin
    private KeyChoice keyChoice;

    @Mixin
    private RelayChoice relayChoice;

    @Option(
            names = "--remove",
            paramLabel = "NUMBER",
            description = "Remove this companion; only with the primary's keys.")
    private int removed = NOBODY;

    @Option(names = "--leave", description = "Leave the account for good; only with a companion's keys.")
    private boolean isLeaving;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        RelayAddress relay = relayChoice.address();
        DeviceKeys keys = keyChoice.read();
        try (ClientTransport transport = new ClientTransport()) {
            FirstConnection connection = new FirstConnection();
            try (Device device = new Device(transport, relay, keys, DeviceOptions.DEFAULTS, connection)) {
                connection.await(device);
                if (isLeaving) {
                    leave(device, keys);
                    return 0;
                }
                DeviceList list =
                        new KnownDeviceLists().learn(keys.account(), Fleet.join(device.deviceList(keys.account())));
                print(removed == NOBODY ? list : remove(device, keys, list), keys);
            }
        }
        return 0;
    }

    private void leave(Device device, DeviceKeys keys) {
        Fleet.join(device.leaveAccount());
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                "device " + keys.device() + " has left account " + keys.account() + "; its keys are of no more use");
        out.flush();
    }

    private DeviceList remove(Device device, DeviceKeys keys, DeviceList list) {
        if (!keys.isPrimary()) {
            throw new CommandFailure("--keys is a companion's file; only the primary removes devices");
        }
        MemberDevice member = list.listed(removed);
        if (member == null || member.isPrimary()) {
            throw new CommandFailure(
                    member == null
                            ? "the account has no device " + removed
                            : "device " + removed + " is the primary, which stays");
        }
        DeviceList next =
                DeviceList.parse(DeviceListDraft.after(list).remove(removed).sign(keys));
        Fleet.join(device.putDeviceList(next.signed()));
        return next;
    }

    private void print(DeviceList list, DeviceKeys keys) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("account " + list.account() + ", device list " + list.version());
        for (MemberDevice member : list.listed()) {
            Instant linkedAt = Instant.ofEpochMilli(member.linkedAtMillis()).truncatedTo(ChronoUnit.SECONDS);
            String self = member.number() == keys.device() ? ", this one" : "";
            out.println("  " + member.number() + "  " + member.role() + ", " + member.platform() + ", linked "
                    + linkedAt + self + (list.device(member.number()) == null ? ", logged out" : ""));
        }
        out.flush();
    }
}
