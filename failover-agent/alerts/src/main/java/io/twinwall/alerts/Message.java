/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

/**
 * A notice on its way to a receiver.
 *
 * @param id of this notice to this receiver; the same with each attempt, so that a receiver can know a repetition
 * @param timeMs when it was made, since the epoch
 */
record Message(String id, long timeMs, Origin origin, Notice notice) {}
