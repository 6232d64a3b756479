/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

/** A script that was started. Nothing here waits. */
interface ScriptRun extends AutoCloseable {
    /** Takes over what it has printed, so that it never waits for a reader; true when there was something. */
    boolean drain();

    boolean ended();

    /** Its exit code; only once it has {@link #ended}. */
    int exitCode();

    /** The first 4 KiB it printed, as text. */
    String output();

    /** Has it killed with everything it started. */
    void kill();

    /** Reads no more. What still runs goes on running. */
    @Override
    void close();

    /** Starts scripts. */
    @FunctionalInterface
    interface Launcher {
        /** Throws IOException when the program cannot be started, and whatever else Java does when the host is short of something. */
        ScriptRun start() throws java.io.IOException;
    }
}
