/**
 * The log of every durable change: segmented, checksummed, committed in groups.
 *
 * <p>Start at {@link dev.quintet.relay.journal.Journal}, then {@link dev.quintet.relay.journal.FileJournal}; what an
 * entry looks like on disk is drawn in {@code EntryLayout}, what a segment looks like in {@code SegmentHeader}.
 *
 * <pre>
 *   event loops                       journal thread                                 any thread
 *   append ──► AppendRing ──────────► commit: write, force ──► Segments (files) ───► replay, read
 *                                        └─► durable position ──► AfterDurable (one per home loop)
 * </pre>
 *
 * <p>Entries are appended on any thread, written and made durable on the journal thread only, read on any other.
 *
 * <p>Imports no other room.
 */
package dev.quintet.relay.journal;
