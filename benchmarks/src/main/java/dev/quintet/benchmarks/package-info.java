/**
 * Measurements that decisions rest on: one class for each question, with its last answer.
 *
 * <p>Start at {@link dev.quintet.benchmarks.Benchmarks}, which runs all of them. Imports whatever it measures; nothing
 * imports it.
 */
package dev.quintet.benchmarks;
