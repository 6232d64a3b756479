/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

/** What a doctor saw, to be held against what a test expects. */
final class Seen {
    private final List<Finding> findings;

    private Seen(List<Finding> findings) {
        this.findings = findings;
    }

    static Seen on(FakeHost host) {
        return on(host, Plans.healthy());
    }

    static Seen on(Host host, Plan plan) {
        return new Seen(Doctor.examine(host, plan).findings());
    }

    List<String> ids() {
        return findings.stream().map(Finding::id).toList();
    }

    /** The only one of that id; how bad it must be. */
    Finding one(String id, Severity severity) {
        List<Finding> found =
                findings.stream().filter(one -> one.id().equals(id)).toList();
        assertEquals(1, found.size(), () -> id + " among " + findings);
        assertEquals(severity, found.getFirst().severity(), found::toString);
        assertTrue(
                found.getFirst().what().endsWith(".") && found.getFirst().why().endsWith("."), found::toString);
        return found.getFirst();
    }

    Seen none(String id) {
        assertTrue(ids().stream().noneMatch(id::equals), () -> id + " among " + findings);
        return this;
    }

    /** The only finding of that id and exactly its commands. */
    void mendedBy(String id, Severity severity, String... commands) {
        assertEquals(List.of(commands), one(id, severity).remedy().commands());
    }

    /** The only finding of that id, which no command mends. */
    void advised(String id, Severity severity) {
        Remedy remedy = one(id, severity).remedy();
        assertTrue(remedy.commands().isEmpty() && !remedy.advice().isEmpty(), remedy::toString);
    }
}
