package dev.quintet.client;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.wire.Accepted;
import java.util.List;

/**
 * A message that the relay has accepted for all devices of an account.
 *
 * @param envelopeId under which every device will see it
 * @param deviceList the account's devices that it went to, the sending one included if it is the own account
 * @param devices the numbers of the devices that it went to
 * @param accepted the relay's answer
 * @param attempts how many submissions it took
 */
public record Sent(
        EnvelopeId envelopeId, DeviceList deviceList, List<Integer> devices, Accepted accepted, int attempts) {}
