package dev.quintet.crooked.account;

import dev.quintet.crooked.mailbox.Neighbour;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.bouncycastle.crypto.Signer;

/** Imports from its own floor, and knows what only the server may. */
public record Sideways(Neighbour neighbour, PrometheusMeterRegistry registry, Signer signer) {}
