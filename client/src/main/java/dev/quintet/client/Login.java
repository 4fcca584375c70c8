package dev.quintet.client;

import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;

/** The first frame of a connection: how it answers the relay's challenge. */
interface Login {
    /** The protocol version that this client speaks. */
    int VERSION = 1;

    /**
     * Signs the challenge.
     *
     * @param certificate the relay's as seen in the handshake, or {@link CertificateHash#UNBOUND}
     */
    ClientFrame answer(Challenge challenge, CertificateHash certificate);
}
