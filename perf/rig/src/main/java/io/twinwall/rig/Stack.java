/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Victim;
import java.util.List;
import java.util.OptionalDouble;

/** What makes the two firewalls of a lab a pair: the programs on both, started together. One thread uses it. */
interface Stack extends AutoCloseable {
    /** Waits for one active and a standby that would take its place; answers the active. */
    Victim awaitPair(long deadlineMs);

    /** The processes it runs on {@code node} now. */
    List<Long> pids(FirewallNode node);

    /** Flows that {@code standby} would go on with if it took over now. */
    long known(FirewallNode standby);

    /** How many times either firewall became active since the stack was started. */
    int takeovers();

    /** Whether {@code node} holds the virtual addresses, or says that it does. */
    boolean active(FirewallNode node);

    /** Ends what runs on {@code node} in order, and waits until it has. */
    void stop(FirewallNode node);

    /** Starts on {@code node} what has ended, and waits until it can be asked. */
    void start(FirewallNode node);

    /** Asks a standby that was started with an empty table for all flows, when it does not do so by itself. */
    void pull(FirewallNode standby);

    /** Lets a standby put into its kernel what it knows, when it has not done so already. */
    void install(FirewallNode standby);

    /** Milliseconds from the moment {@code heir} had the addresses until its kernel had all flows; below 0: before. */
    OptionalDouble flowsAfterAddressesMs(FirewallNode heir);

    @Override
    void close();
}
