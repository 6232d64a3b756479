/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

/**
 * A way to a receiver. One attempt at a time, each in a thread that may wait; what it needs is loaded with the first.
 * Throws nothing but what is a bug, or a host that lacks something.
 */
interface Transport {
    /** One attempt, which should end within {@code limitNs}. */
    Outcome deliver(Message message, long limitNs);

    /** Ends the attempt under way as soon as can be. Any thread; does not wait. */
    void abort();
}
