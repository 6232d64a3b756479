/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

/**
 * One line of a status page.
 *
 * @param name the tracker's
 * @param kind {@link TrackSpec#kind}
 * @param verdict what is known of it
 * @param sinceNs when the verdict last changed, on the clock the trackers were given
 * @param detail what the last try said
 * @param penalty what it costs while it is down
 */
public record TrackerState(String name, String kind, Verdict verdict, long sinceNs, String detail, Penalty penalty) {}
