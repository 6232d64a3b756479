/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Measures this program beside what it replaces, keepalived with conntrackd: both run in turn in the same lab, on the same
 * flows, through the same failures. {@link io.twinwall.rig.BenchCommand} is the program.
 */
package io.twinwall.rig;
