/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** All exams together, and what people are shown. */
class DoctorTest {
    private static final Pattern ID =
            Pattern.compile("(?:found\\.(?:error|warning|note)\\(|severity,)\\s*\"([a-z0-9-]+)\"");

    private final FakeHost host = new FakeHost();

    @Test
    void shouldPutTheWorstFirstAndCount() {
        host.java = 26;
        host.clockKept = false;
        host.setting("net/ipv4/ip_forward", 0);
        Diagnosis diagnosis = Doctor.examine(host, Plans.healthy());
        assertEquals(
                List.of("forwarding-ipv4", "java-version", "clock", "daemon-not-running"),
                diagnosis.findings().stream().map(Finding::id).toList());
        assertEquals(1, diagnosis.errors());
        assertEquals(1, diagnosis.warnings());
        assertEquals(2, diagnosis.notes());
    }

    @Test
    void shouldGoOnWhereTheHostDoesNotAnswer() {
        host.java = 26;
        for (String question : List.of(
                "kernelRelease",
                "lacking",
                "sysctl",
                "conntrackCounters",
                "links",
                "addresses",
                "ruleset",
                "file",
                "keyProblem",
                "rights",
                "clockKept",
                "daemon")) {
            host.mute.add(question);
            List<Finding> findings = Doctor.examine(host, Plans.healthy()).findings();
            assertTrue(
                    findings.stream()
                            .anyMatch(one -> one.id().equals("not-checked")
                                    && one.what().contains(question + " goes unanswered: EPERM")),
                    () -> question + ": " + findings);
            assertTrue(findings.stream().anyMatch(one -> one.id().equals("java-version")), question);
            host.mute.remove(question);
        }
    }

    @Test
    void shouldSayOnceWhatSeveralExamsWereNotTold() {
        host.mute.add("ruleset");
        Finding once = Seen.on(host).one("not-checked", Severity.WARNING);
        assertEquals(
                "Not checked: helpers, rules for the pair's own packets, masquerading, REJECT, flowtables, the lease's"
                        + " tables,"
                        + " tables of iptables. ruleset goes unanswered: EPERM.",
                once.what());
    }

    @Test
    void shouldAskOnlyWhatIsNeeded() {
        host.mute.addAll(List.of("modules", "neighbours", "eventsPerSecond"));
        assertEquals(List.of("daemon-not-running"), Seen.on(host).ids(), "nobody asked");
        host.rules.helper("ftp");
        assertTrue(Seen.on(host).ids().contains("not-checked"));
        host.running = DaemonExamsTest.healthy();
        host.modules.addAll(List.of("nf_conntrack_ftp", "nf_nat_ftp"));
        host.mute.remove("modules");
        Finding events = Seen.on(host).one("not-checked", Severity.WARNING);
        assertTrue(events.what().startsWith("Not checked: the event buffer. "), events::toString);
        host.mute.remove("eventsPerSecond");
        Seen.on(host, new Plans().hop("203.0.113.1", "wan0", false).plan()).one("not-checked", Severity.WARNING);
    }

    @Test
    void shouldShowEachFindingWithItsCommandsAlone() {
        host.setting("net/ipv4/ip_forward", 0);
        host.running = DaemonExamsTest.healthy();
        Plans plans = new Plans();
        plans.fenced = false;
        assertEquals("""
                fw-a: twinwall 0.1.0, Linux 6.12.3-amd64, configuration of the pair 3fa2c17be09d

                error: forwarding-ipv4
                  net.ipv4.ip_forward is not 1.
                  The passive must forward from the first moment; the gate, not this setting, holds it back until then.
                  mend: sysctl -w net.ipv4.ip_forward=1
                  keep: echo 'net.ipv4.ip_forward = 1' >> /etc/sysctl.d/90-twinwall.conf

                1 error, 0 warnings, 0 notes
                """, DiagnosisText.render(Doctor.examine(host, plans.plan())));
        host.setting("net/ipv4/ip_forward", 1);
        assertEquals("""
                fw-a: twinwall 0.1.0, Linux 6.12.3-amd64, configuration of the pair 3fa2c17be09d

                nothing found
                """, DiagnosisText.render(Doctor.examine(host, plans.plan())));
    }

    @Test
    void shouldShowSeveralCommandsAndAdvice() {
        host.rules.without(Rules.RAW, "prerouting");
        String shown = DiagnosisText.render(Doctor.examine(host, Plans.healthy()));
        assertTrue(shown.startsWith("fw-a: twinwall 0.1.0, Linux 6.12.3-amd64, "), shown);
        assertTrue(shown.contains("; no daemon runs\n"), shown);
        assertTrue(shown.contains("  mend: nft add table inet twinwall_sync\n        nft 'add chain "), shown);
        assertTrue(shown.contains("\n  And into the ruleset's file, on both hosts with their own addresses.\n"), shown);
    }

    /** The manual has a row for each, and the exams have each that the manual names. */
    @Test
    void shouldBeInTheManualWithEachFinding() throws IOException {
        Set<String> known = new TreeSet<>();
        try (Stream<Path> sources = Files.list(Path.of("src/main/java/io/twinwall/doctor"))) {
            for (Path source : sources.toList()) {
                Matcher id = ID.matcher(Files.readString(source));
                while (id.find()) {
                    known.add(id.group(1));
                }
            }
        }
        known.addAll(List.of("socket-directory", "state-directory"));
        Set<String> described = new TreeSet<>();
        String manual = Files.readString(Path.of("../../docs/OPERATING.md"));
        int from = manual.indexOf("\n## The doctor\n");
        assertTrue(from > 0, "a section of its own");
        Matcher row = Pattern.compile("\n\\| `([a-z0-9-]+)`((?:, `[a-z0-9-]+`)*) \\|")
                .matcher(manual.substring(from, manual.indexOf("\n## ", from + 1)));
        while (row.find()) {
            described.add(row.group(1));
            Matcher more = Pattern.compile("`([a-z0-9-]+)`").matcher(row.group(2));
            while (more.find()) {
                described.add(more.group(1));
            }
        }
        assertEquals(known, described);
    }
}
