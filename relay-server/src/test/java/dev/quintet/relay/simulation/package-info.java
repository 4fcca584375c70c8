/**
 * A whole relay with its devices in one thread from one seed, on a disk that forgets what was not forced and over
 * connections that drop, held to the promises.
 *
 * <p>Start at {@link dev.quintet.relay.simulation.Simulation}: it draws who acts next. The relay is {@link
 * dev.quintet.relay.simulation.SimulatedRelay}, wired as the real one; what a device does and sees is {@link
 * dev.quintet.relay.simulation.SimulatedDevice}; what must be true is in {@link dev.quintet.relay.simulation.Ledger} and,
 * of the journal, in {@link dev.quintet.relay.simulation.LogAudit}.
 */
package dev.quintet.relay.simulation;
