/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

/** What runs on a firewall and can be made to fail: an agent, or whatever else does an agent's work. */
public interface Victim {
    Lab lab();

    FirewallNode node();

    /** Ends it as a crash would. Returns at once. */
    void kill();

    /** Stops it in its tracks, as a hang would: nothing of it runs, everything of it stays. */
    void hang();

    /** Asks it to hand over; what it answers. */
    String switchover(boolean force);
}
