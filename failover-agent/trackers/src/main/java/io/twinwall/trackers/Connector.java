/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

/** Connects to one TCP port without waiting. */
interface Connector extends AutoCloseable {
    /** {@link #outcome} and {@link #begin} of a connection that is still being made. */
    int PENDING = 1;

    /** Begins to connect: 0 when it is made already, {@link #PENDING}, or {@code -errno}. */
    int begin();

    /** The same of the connection that was begun. */
    int outcome();

    /** The descriptor of the connection that is being made. */
    int fd();

    /** Ends the connection, if any. */
    @Override
    void close();
}
