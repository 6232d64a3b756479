/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.netlink.RtLink;

/** The interfaces by name, as of the last event. */
@FunctionalInterface
interface LinkTable {
    /** The interface, or null when there is none. */
    RtLink link(String name);
}
