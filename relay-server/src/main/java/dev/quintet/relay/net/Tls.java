package dev.quintet.relay.net;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's side of TLS: 1.3 and 1.2, nothing older. */
public final class Tls {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);

    private Tls() {}

    /**
     * A context that shows a certificate.
     *
     * @param chain PEM file, the relay's own certificate first
     * @param privateKey PEM file, PKCS 8, not encrypted
     * @throws IllegalArgumentException if the files do not make a working pair, or the provider does not load
     */
    public static SslContext context(TlsProvider provider, Path chain, Path privateKey) {
        try {
            SslContext context = SslContextBuilder.forServer(chain.toFile(), privateKey.toFile())
                    .sslProvider(choose(provider))
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
            forgetSessions(context);
            return context;
        } catch (SSLException refused) {
            throw new IllegalArgumentException("TLS cannot start: " + refused.getMessage(), refused);
        }
    }

    /** TLS 1.3 resumes by tickets, which the relay gives to nobody; sessions of TLS 1.2 are not worth their memory. */
    private static void forgetSessions(SslContext context) {
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setSessionCacheEnabled(false);
        }
    }

    private static SslProvider choose(TlsProvider provider) {
        if (provider == TlsProvider.JDK) {
            return SslProvider.JDK;
        }
        if (OpenSsl.isAvailable()) {
            return SslProvider.OPENSSL_REFCNT;
        }
        if (provider == TlsProvider.OPENSSL) {
            throw new IllegalArgumentException("BoringSSL does not load here", OpenSsl.unavailabilityCause());
        }
        LOG.warn("BoringSSL does not load here: using the JDK's TLS, which takes more memory and time");
        return SslProvider.JDK;
    }
}
