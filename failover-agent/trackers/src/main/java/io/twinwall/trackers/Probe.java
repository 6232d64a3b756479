/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

/** One way to ask a test address: sends a question, and looks for its answer without waiting. */
interface Probe extends AutoCloseable {
    /** Asks; returns why it could not, or "". */
    String ask(int sequence);

    /** True when an answer to the question {@code since}, or to one asked after it, has come. Reads all that waits. */
    boolean answered(int since);

    int fd();

    @Override
    void close();
}
