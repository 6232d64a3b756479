/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TrackSpecTest {
    private static void refused(String message, Executable bad) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, bad).getMessage());
    }

    @Test
    void shouldRefuseABadWeight() {
        refused("weight 0: expected 1..254, or \"fault\"", () -> Penalty.weight(0));
        refused("weight 255: expected 1..254, or \"fault\"", () -> Penalty.weight(255));
        assertEquals("254", Penalty.weight(254).toString());
        assertEquals("fault", Penalty.FAULT.toString());
    }

    @Test
    void shouldRefuseATimingThatCannotBeKept() {
        Duration ms = Duration.ofMillis(1);
        refused("interval 9 ms: expected 10 ms to 1 hour", () -> Timing.of(ms.multipliedBy(9), ms, 1, 1));
        refused(
                "timeout 21 ms: expected 1 ms up to the interval, 20 ms",
                () -> Timing.of(ms.multipliedBy(20), ms.multipliedBy(21), 1, 1));
        refused("rise 0: expected 1..100", () -> Timing.of(ms.multipliedBy(20), ms, 0, 1));
        refused("fall 101: expected 1..100", () -> Timing.of(ms.multipliedBy(20), ms, 1, 101));
    }

    @Test
    void shouldRefuseNamesThatMetricsCannotCarry() {
        String expected = ": expected a lower-case letter, then at most 31 lower-case letters, digits and hyphens";
        for (String name : new String[] {"", "Lan", "1st", "a_b", "a b", "a".repeat(33)}) {
            refused("track name \"" + name + "\"" + expected, () -> Specs.link(name, 1, "lan0"));
        }
        refused(
                "track lan: interface \"a/b\": expected 1..15 characters without blank, slash and colon",
                () -> Specs.link("lan", 1, "a/b"));
    }

    @Test
    void shouldRefuseAMethodThatCannotAskTheAddress() {
        refused(
                "track gw: address fd00:0:0:0:0:0:0:1: expected an IPv4 address for ARP; nd or icmp ask an IPv6 one",
                () -> Specs.address("gw", TrackSpec.Method.ARP, "fd00::1"));
        refused(
                "track gw: address 10.0.0.1: expected an IPv6 address for ND; arp or icmp ask an IPv4 one",
                () -> Specs.address("gw", TrackSpec.Method.ND, "10.0.0.1"));
        refused(
                "track gw: address 224.0.0.1: expected the address of one host",
                () -> Specs.address("gw", TrackSpec.Method.ICMP, "224.0.0.1"));
    }

    @Test
    void shouldRefuseProcessesThatCouldNeverBeFound() {
        refused(
                "process name \"abcdefghijklmnop\": expected 1..15 bytes, which is what the kernel keeps of a name; give"
                        + " its pid-file for a longer one",
                () -> new TrackSpec.Comm("abcdefghijklmnop"));
        refused("pid file run/x.pid: expected an absolute path", () -> new TrackSpec.PidFile(Path.of("run/x.pid")));
    }

    @Test
    void shouldRefuseBadPortsAndScripts() {
        refused("track web: port 0: expected 1..65535", () -> Specs.tcp("web", "10.0.0.1", 0));
        refused(
                "track x: script check.sh: expected the absolute path of a program, then its arguments",
                () -> Specs.script("x", Specs.QUICK, "check.sh"));
        refused(
                "track x: script []: expected the absolute path of a program, then its arguments",
                () -> Specs.script("x", Specs.QUICK));
    }

    @Test
    void shouldRefuseTwoTrackersOfOneName() {
        refused(
                "two trackers named lan: expected a name of its own for each",
                () -> TrackSpec.checkUnique(List.of(Specs.link("lan", 1, "lan0"), Specs.link("lan", 2, "lan1"))));
    }
}
