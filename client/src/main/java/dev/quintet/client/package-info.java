/**
 * A device of an account: what an app embeds to register, stay connected, submit and receive.
 *
 * <p>Start at {@link dev.quintet.client.Device}; {@link dev.quintet.client.Registration} makes a new account, and
 * {@link dev.quintet.client.Outbox} keeps other accounts' device lists. Everything of one device happens on one event
 * loop of a {@link dev.quintet.client.ClientTransport}; its public methods may be called from any thread. The package
 * imports {@code dev.quintet.protocol} and nothing of the relay.
 */
package dev.quintet.client;
