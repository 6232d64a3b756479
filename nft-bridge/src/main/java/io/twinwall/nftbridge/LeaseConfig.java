/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.base.Check;
import java.net.InetAddress;
import java.util.List;

/**
 * What the lease protects and for how long it is granted.
 *
 * @param table name of both tables, {@code netdev} and {@code inet}; one for each cluster on a host
 * @param devices the interfaces that carry VIPs; one that does not exist is guarded when it comes
 * @param vips the addresses that only the holder of the lease may answer for
 * @param port UDP port that marks a renewal on {@code lo}; never reaches a socket, so it need not be free
 * @param armedMs what an armed renewal grants: the time in which a dead agent is fenced
 * @param disarmedMs what a disarmed renewal grants: so long that a lone firewall outlives its agent's restart
 */
public record LeaseConfig(
        String table, List<String> devices, List<InetAddress> vips, int port, long armedMs, long disarmedMs) {
    public static final String TABLE = "twinwall";
    public static final int PORT = 47998;

    /** Ten years: longer than anyone leaves a dead agent unnoticed, and far from the kernel's own bound. */
    public static final long DISARMED_MS = 10L * 365 * 24 * 3600 * 1000;

    public LeaseConfig {
        Check.that(table.matches("[a-zA-Z][a-zA-Z0-9_]{0,63}"), "not a table's name: " + table);
        Check.that(!devices.isEmpty(), "a lease without devices guards nothing");
        Check.inRange(port, 1, 65535, "port");
        Check.inRange(armedMs, 10, 60_000, "armedMs");
        Check.that(disarmedMs > armedMs, "disarmedMs is not longer than armedMs", disarmedMs);
        devices = devices.stream().distinct().toList();
        vips = vips.stream().distinct().toList();
    }

    /** With the usual table, port and disarmed time. */
    public static LeaseConfig of(List<String> devices, List<InetAddress> vips, long armedMs) {
        return new LeaseConfig(TABLE, devices, vips, PORT, armedMs, DISARMED_MS);
    }
}
