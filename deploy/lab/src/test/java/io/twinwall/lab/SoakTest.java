/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What of a soak needs no lab: its plan, its judges, its ledger. */
class SoakTest {
    private static final String CONNTRACK = """
            ipv4     2 tcp      6 431990 ESTABLISHED src=10.10.0.10 dst=10.20.0.10 sport=1 dport=7000 src=10.20.0.10 dst=10.20.0.254 sport=7000 dport=1 [ASSURED] mark=0 use=1
            ipv4     2 udp      17 25 src=10.10.1.10 dst=10.20.0.10 sport=2 dport=7042 [UNREPLIED] src=10.20.0.10 dst=10.10.1.10 sport=7042 dport=2 mark=0 use=2
            ipv4     2 udp      17 29 src=10.10.0.1 dst=10.10.0.2 sport=47900 dport=47900 src=10.10.0.2 dst=10.10.0.1 sport=47900 dport=47900 mark=0 use=1
            ipv6     10 icmpv6   58 25 src=fe80::1 dst=ff02::1 type=135 code=0 id=0 mark=0 use=1
            conntrack v1.4.8 (conntrack-tools): 4 flow entries have been shown.
            """;

    private static List<String> plan(long seed, boolean settled) {
        SoakPlan plan = new SoakPlan(seed, List.of(SoakFault.values()), settled);
        List<String> steps = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            steps.add(plan.next().toString());
        }
        return steps;
    }

    @Test
    void shouldPlanTheSameFaultsForTheSameSeed() {
        assertEquals(plan(7, false), plan(7, false));
        assertEquals(plan(7, true), plan(7, true));
        assertNotEquals(plan(7, false), plan(8, false));
        assertNotEquals(plan(7, false), plan(7, true));
    }

    @Test
    void shouldPlanEachFaultOnceARoundAndSpareTheAgentsInTheSecondHalf() {
        SoakPlan plan = new SoakPlan(3, List.of(SoakFault.values()), false);
        Set<SoakFault> round = EnumSet.noneOf(SoakFault.class);
        for (int i = 0; i < SoakFault.values().length; i++) {
            round.add(plan.next().fault());
        }
        assertEquals(EnumSet.allOf(SoakFault.class), round);
        SoakPlan settled = new SoakPlan(3, List.of(SoakFault.values()), true);
        for (int i = 0; i < 200; i++) {
            assertFalse(settled.next().fault().endsAgent());
        }
        assertEquals(
                SoakFault.KILL_ACTIVE,
                new SoakPlan(3, List.of(SoakFault.KILL_ACTIVE), true).next().fault());
    }

    @Test
    void shouldCompareWhatBelongsToThePairWithoutWhatEachKernelCounts() {
        Set<String> flows = KernelFlows.normal(CONNTRACK.lines().toList());
        assertEquals(
                Set.of(
                        "ipv4 2 tcp 6 ESTABLISHED src=10.10.0.10 dst=10.20.0.10 sport=1 dport=7000 src=10.20.0.10"
                                + " dst=10.20.0.254 sport=7000 dport=1 [ASSURED] mark=0",
                        "ipv4 2 udp 17 src=10.10.1.10 dst=10.20.0.10 sport=2 dport=7042 [UNREPLIED] src=10.20.0.10"
                                + " dst=10.10.1.10 sport=7042 dport=2 mark=0"),
                flows);
        String other = CONNTRACK.replace("431990", "431000").replace("use=1", "use=3");
        assertEquals(flows, KernelFlows.normal(other.lines().toList()));
        String unanswered =
                "\nipv4     2 tcp      6 100 SYN_SENT src=10.10.1.10 dst=10.20.0.10 sport=3 dport=7042 [UNREPLIED]"
                        + " src=10.20.0.10 dst=10.10.1.10 sport=7042 dport=3 mark=0 use=1";
        assertEquals(flows, KernelFlows.normal((CONNTRACK + unanswered).lines().toList()), "it does not travel");
        String closing = CONNTRACK.replace("ESTABLISHED", "CLOSE_WAIT");
        assertNotEquals(flows, KernelFlows.normal(closing.lines().toList()));
    }

    @Test
    void shouldReadTheHeapOfWhatTheJvmPrints() {
        assertEquals(123 + 4567, Footprint.heapKb("""
                        12345:
                         def new generation   total 4928K, used 123K [0x00000000fc000000, 0x00000000fc550000)
                          eden space 4416K,   2% used [0x00000000fc000000, 0x00000000fc01ec18)
                         tenured generation   total 10944K, used 4567K [0x00000000fd550000, 0x00000000fe000000)
                         Metaspace       used 20000K, committed 20480K, reserved 1114112K
                        """));
        assertEquals(30 + 40, Footprint.heapKb("""
                         DefNew     total 4928K, used 30K [0x00000000fc000000)
                         Tenured    total 10944K, used 40K [0x00000000fd550000)
                        """));
        assertEquals(-1, Footprint.heapKb("no such process"));
    }

    private static Footprint footprint(int second, long residentKb, int files) {
        return new Footprint(1, "fw-a", second * 1_000_000_000L, residentKb, 5_000, files, 20);
    }

    @Test
    void shouldFindWhatGrowsAfterTheWarmUp() {
        List<Footprint> steady = new ArrayList<>();
        List<Footprint> leaking = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            // Much in the beginning, as a JVM does, and a lone peak in the end.
            steady.add(footprint(10 * i, i < 3 ? 40_000 + 10_000 * i : i == 29 ? 200_000 : 70_000, 50));
            leaking.add(footprint(10 * i, 70_000 + 1_000 * i, 50 + i / 2));
        }
        assertEquals(List.of(), Growth.of(steady).getFirst().misses());
        List<String> misses = Growth.of(leaking).getFirst().misses();
        assertEquals(2, misses.size(), misses::toString);
        assertTrue(
                misses.getFirst().contains("KiB resident") && misses.getLast().contains("descriptors"),
                misses::toString);
        assertEquals(List.of(), Growth.of(steady.subList(0, 4)), "too few to tell");
        List<Footprint> blind = steady.stream()
                .map(one -> new Footprint(1, "fw-a", one.atNs(), one.residentKb(), -1, 50, 20))
                .toList();
        assertEquals(
                List.of("fw-a (1): the heap was not measured"),
                Growth.of(blind).getFirst().misses());
    }

    private static SoakResult result(SoakFault fault, double equalMs, double twoOpenMs, int takeovers, int survived) {
        return new SoakResult(
                new SoakPlan.Step(1, fault, 500, 0, 5),
                false,
                10,
                5,
                equalMs,
                twoOpenMs,
                1,
                takeovers,
                600,
                survived,
                survived < 600 ? "tcp.snat4 1 of 150" : "",
                List.of(),
                Double.isInfinite(equalMs) ? List.of("3 flows differ") : List.of());
    }

    private static SoakReport report(SoakResult... results) {
        return new SoakReport(
                new Surroundings("c", "6.18", 2, Instant.EPOCH),
                new SoakOptions(1, 5, 500, 100, List.of(SoakFault.values()), LabProfile.FAST, SoakOptions.Control.NONE),
                60,
                List.of(results),
                1_000,
                900,
                List.of(),
                0);
    }

    @Test
    void shouldPassACleanLedgerOnly() {
        assertTrue(report(result(SoakFault.KILL_ACTIVE, 900, 50, 1, 600)).passed());
        for (SoakResult dirty : List.of(
                result(SoakFault.KILL_ACTIVE, Double.POSITIVE_INFINITY, 0, 1, 600),
                result(SoakFault.KILL_ACTIVE, 900, 500, 1, 600),
                result(SoakFault.KILL_ACTIVE, 900, 0, 0, 600),
                result(SoakFault.KILL_ACTIVE, 900, 0, 2, 600),
                result(SoakFault.CPU, 900, 0, 1, 600),
                result(SoakFault.CPU, 900, 0, 0, 599))) {
            SoakReport report = report(result(SoakFault.DELETE, 10, 0, 0, 600), dirty);
            assertFalse(report.passed());
            assertTrue(report.markdown().contains("**not passed**"), report.markdown());
            assertEquals(1, report.misses().size(), report.misses()::toString);
        }
        assertFalse(report().passed(), "a soak without faults shows nothing");
    }

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return SoakCommand.run(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @Test
    void shouldNameEveryExitCode() {
        assertEquals(0, run("--help"));
        for (int code : new int[] {0, 1, 64, 70, 71, 77}) {
            assertTrue(out.toString(StandardCharsets.UTF_8).contains("\n  " + code + " "));
        }
    }

    @Test
    void shouldRefuseAWrongCommandLine() {
        String[][] wrong = {
            {"--minutes", "0"},
            {"--only", "fire"},
            {"--only", "clock"},
            {"--flows", "3"},
            {"--churn", "-1"},
            {"--control", "no-luck"}
        };
        for (String[] arguments : wrong) {
            assertEquals(64, run(arguments), String.join(" ", arguments));
        }
    }

    @Test
    void shouldPrintItsPlan() {
        assertEquals(0, run("--plan", "--seed", "4"));
        String said = out.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains("first half:") && said.contains("second half:") && said.contains("overflow"), said);
        assertFalse(said.contains("clock"), said);
    }
}
