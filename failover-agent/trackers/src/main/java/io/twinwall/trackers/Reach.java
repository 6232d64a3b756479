/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

/** Do the test addresses answer? {@link #UNKNOWN}: none is configured, or none is up and not all are judged yet. */
public enum Reach {
    UNKNOWN,
    ANSWERED,
    SILENT
}
