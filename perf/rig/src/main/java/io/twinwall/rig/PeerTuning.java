/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

/**
 * How keepalived and conntrackd are set up.
 *
 * @param vrrpVersion 2, or 3 for advertisements of less than a second
 * @param advertS seconds between advertisements
 * @param realTime whether keepalived runs before other processes
 * @param kernel whether the standby's kernel holds the flows at once ({@code DisableExternalCache})
 */
record PeerTuning(int vrrpVersion, String advertS, boolean realTime, boolean kernel) {}
