/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

/** One way to ask a test address: sends a question, and looks for its answer without waiting. */
interface Probe extends AutoCloseable {
    /** Asks; returns why it could not, or "". */
    String ask(int sequence);

    /** True when the answer to the question {@code sequence} has come. Reads all that waits. */
    boolean answered(int sequence);

    int fd();

    @Override
    void close();
}
