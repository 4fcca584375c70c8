/**
 * The top floor: reads the configuration, builds the house and takes it down again.
 *
 * <p>Start at {@link dev.quintet.relay.server.RelayServer}: the whole wiring on one screen. {@link
 * dev.quintet.relay.server.Serve} is the command line above it. Runs on the main thread and on the admin endpoint's
 * own; may import every room. Only this room knows Prometheus, Typesafe config, picocli and Logback.
 */
package dev.quintet.relay.server;
