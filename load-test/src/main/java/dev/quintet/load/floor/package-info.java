/**
 * Floors: the least that a server can do which hands a submission to five devices, to hold the relay against. They speak
 * the relay's frames, so that the same load drives them, and keep none of its promises but the one their level names.
 *
 * <p>Start at {@link dev.quintet.load.floor.FloorServer}. One event loop, and one thread for the log. Imports the protocol.
 */
package dev.quintet.load.floor;
