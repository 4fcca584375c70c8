/**
 * The image: everything the journal says up to a position, as rows that can be looked up.
 *
 * <pre>
 *   journal ──replay──▶ Image ──Chapter.fold──▶ Page ──▶ Rows (RocksDB)
 *                         │                                │
 *                         └──position──▶ Residents ◀──Chapter.load
 * </pre>
 *
 * <p>Start at {@link dev.quintet.relay.store.Image}, which the fold thread owns, and at
 * {@link dev.quintet.relay.store.Residents}, which belongs to one home loop; loads run on read threads. Imports
 * {@code journal} only. RocksDB stays in here.
 */
package dev.quintet.relay.store;
