/**
 * What a load found, on paper: as JSON for programs, and as one HTML file that needs nothing else for people.
 *
 * <p>Start at {@link dev.quintet.load.report.LoadReport}. Imports nothing of the load test.
 */
package dev.quintet.load.report;
