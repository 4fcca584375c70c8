package dev.quintet.load.drive;

import dev.quintet.client.RelayAddress;
import dev.quintet.client.RelayTrust;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.FrameDecoder;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import javax.net.ssl.SSLException;

/**
 * The relay's own frames, plain or over TLS. Over TLS the relay is known by its certificate's fingerprint.
 *
 * <p><b>Thread:</b> any; immutable. <b>Memory:</b> a context of TLS, given back by {@link #close}.
 */
public final class RelayWire implements Wire {
    private static final int LARGEST_FRAME_BYTES = 16 << 20;

    private final SslContext tls;
    private final CertificateHash certificate;

    /** Throws {@link DriveFailure} unless the relay is plain or known by its fingerprint. */
    public RelayWire(RelayAddress relay) {
        if (relay.trust() instanceof RelayTrust.Pinned pinned) {
            certificate = pinned.fingerprint();
            tls = context();
        } else if (relay.trust() instanceof RelayTrust.Plain) {
            certificate = CertificateHash.UNBOUND;
            tls = null;
        } else {
            throw new DriveFailure("a load needs the relay's fingerprint, or --plain");
        }
    }

    /** The trust is in the fingerprint, which {@link RelayLine} compares. */
    private static SslContext context() {
        try {
            return SslContextBuilder.forClient()
                    .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .build();
        } catch (SSLException exception) {
            throw new DriveFailure("no TLS here: " + exception.getMessage());
        }
    }

    @Override
    public void connect(ChannelPipeline pipeline, DriveDevice device, LineListener listener) {
        if (tls != null) {
            pipeline.addLast(tls.newHandler(pipeline.channel().alloc()));
        }
        pipeline.addLast(new FrameDecoder(LARGEST_FRAME_BYTES), new RelayLine(device, certificate, listener));
    }

    @Override
    public boolean isPrimaryFirst() {
        return true;
    }

    @Override
    public void close() {
        ReferenceCountUtil.release(tls);
    }
}
