/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What only the daemon knows. */
class DaemonExamsTest {
    private final FakeHost host = new FakeHost();
    private final Plans plans = new Plans();
    private final Map<String, Long> counters = new HashMap<>();

    /** An active with a ready peer. */
    static Running healthy() {
        return running("MASTER", "READY", peer("ALIVE", "READY", true), Map.of());
    }

    private static Running.Peer peer(String state, String readiness, boolean hearsMe) {
        return new Running.Peer("fw-b", state, readiness, hearsMe);
    }

    private static Running running(String role, String readiness, Running.Peer peer, Map<String, Long> counters) {
        return new Running(
                Plans.VERSION,
                Plans.DIGEST,
                Plans.CONFIG_DIGEST,
                role,
                readiness,
                peer,
                List.of(new Running.PathState("sync", "HEARD", ""), new Running.PathState("lan", "HEARD", "")),
                counters,
                List.of());
    }

    private Seen seen(String role, String readiness, Running.Peer peer) {
        host.running = running(role, readiness, peer, counters);
        return Seen.on(host, plans.plan());
    }

    @BeforeEach
    void withoutFence() {
        plans.fenced = false;
    }

    @Test
    void shouldFindNothingInAPairWithoutFault() {
        assertEquals(
                List.of(), seen("MASTER", "READY", peer("ALIVE", "READY", true)).ids());
        assertEquals(
                List.of(), seen("BACKUP", "READY", peer("ALIVE", "READY", true)).ids());
    }

    @Test
    void shouldNoteThatNoDaemonRuns() {
        Seen.on(host)
                .mendedBy("daemon-not-running", Severity.NOTE, "twinwall run --config /etc/twinwall/twinwall.toml");
    }

    @Test
    void shouldSeeThatAnotherVersionOrConfigurationRuns() {
        host.running = new Running(
                "",
                "ffffffffffff",
                "",
                "MASTER",
                "READY",
                peer("ALIVE", "READY", true),
                List.of(),
                Map.of(),
                List.of(new Running.Alarm("LATE", "late by 200 ms"), new Running.Alarm("PEER_DEAF", "told elsewhere")));
        Seen seen = Seen.on(host, plans.plan());
        seen.advised("daemon-version", Severity.WARNING);
        seen.mendedBy("daemon-configuration", Severity.WARNING, "twinwall reload");
        assertEquals(
                "The daemon alarms LATE: late by 200 ms.",
                seen.one("alarm", Severity.WARNING).what());
    }

    @Test
    void shouldSeeThatTheFileWasEditedWhereOnlyThisNodeIsConcerned() {
        host.running = withDigest("fedcba9876543210");
        Seen.on(host, plans.plan()).mendedBy("daemon-configuration", Severity.WARNING, "twinwall reload");
        plans.configDigest = "";
        Seen.on(host, plans.plan()).none("daemon-configuration");
        plans.configDigest = "fedcba9876543210";
        Seen.on(host, plans.plan()).none("daemon-configuration");
    }

    @Test
    void shouldCompareThePairsPartAloneWithADaemonThatTellsNoMore() {
        host.running = withDigest("");
        Seen.on(host, plans.plan()).none("daemon-configuration");
    }

    private static Running withDigest(String configDigest) {
        Running well = healthy();
        return new Running(
                well.version(),
                well.pairDigest(),
                configDigest,
                well.role(),
                well.readiness(),
                well.peer(),
                well.paths(),
                well.counters(),
                well.alarms());
    }

    @Test
    void shouldTellAPeerThatIsNotThere() {
        Seen seen = seen("MASTER", "READY", peer("LOST", "", false));
        seen.advised("peer-silent", Severity.ERROR);
        seen.none("passive-not-ready").none("peer-deaf");
    }

    @Test
    void shouldTellWhyAPeerIsRefused() {
        counters.put("wire_heartbeats_refused_tag_total", 50L);
        Seen seen = seen("MASTER", "READY", peer("NEVER_SEEN", "", false));
        seen.none("peer-silent")
                .mendedBy(
                        "peer-refused",
                        Severity.ERROR,
                        "scp -p /etc/twinwall/cluster.key root@10.99.0.2:/etc/twinwall/cluster.key");
        counters.clear();
        counters.put("wire_heartbeats_refused_cluster_total", 3L);
        Seen ids = seen("MASTER", "READY", peer("NEVER_SEEN", "", false));
        ids.advised("peer-refused", Severity.ERROR);
        assertTrue(ids.one("peer-refused", Severity.ERROR).what().contains("cluster.id differs (3 refused)"));
    }

    @Test
    void shouldTellAPeerThatDoesNotHear() {
        seen("MASTER", "READY", peer("ALIVE", "READY", false)).advised("peer-deaf", Severity.ERROR);
    }

    @Test
    void shouldTellInWhatThePeerIsUnlikeThisNode() {
        Seen alike = seen("MASTER", "READY", new Running.Peer("fw-b", "ALIVE", "READY", true, true, true, -1_000));
        alike.none("peer-version").none("peer-configuration").none("peer-clock");
        Seen seen = seen("MASTER", "READY", new Running.Peer("fw-b", "ALIVE", "READY", true, false, false, -3_240));
        seen.advised("peer-version", Severity.WARNING);
        seen.advised("peer-configuration", Severity.WARNING);
        seen.mendedBy("peer-clock", Severity.WARNING, "timedatectl set-ntp true");
        assertEquals(
                "The clock of fw-b is 3.2 s behind this host's.",
                seen.one("peer-clock", Severity.WARNING).what());
    }

    @Test
    void shouldTellAPathThatIsSilentBesideOthers() {
        host.running = new Running(
                Plans.VERSION,
                Plans.DIGEST,
                Plans.CONFIG_DIGEST,
                "MASTER",
                "READY",
                peer("ALIVE", "READY", true),
                List.of(new Running.PathState("sync", "HEARD", ""), new Running.PathState("lan", "DOWN", "no carrier")),
                Map.of(),
                List.of());
        Seen seen = Seen.on(host, plans.plan());
        seen.advised("path-silent", Severity.WARNING);
        assertTrue(seen.one("path-silent", Severity.WARNING).what().contains("\"lan\": no carrier"));
    }

    @Test
    void shouldNoteANewerPeer() {
        counters.put("wire_parts_unknown_total", 1L);
        seen("BACKUP", "READY", peer("ALIVE", "READY", true)).advised("peer-newer", Severity.NOTE);
    }

    @Test
    void shouldTellACopyThatIsNotComplete() {
        assertTrue(seen("MASTER", "READY", peer("ALIVE", "SYNCING", true))
                .one("passive-not-ready", Severity.WARNING)
                .what()
                .contains("fw-b"));
        assertTrue(seen("BACKUP", "COLD", peer("ALIVE", "READY", true))
                .one("passive-not-ready", Severity.WARNING)
                .what()
                .contains("fw-a"));
        plans.sync = false;
        seen("BACKUP", "COLD", peer("ALIVE", "READY", true)).none("passive-not-ready");
    }

    @Test
    void shouldTellFlowsThatArePassedBy() {
        counters.put("sync_refused", 12L);
        seen("BACKUP", "READY", peer("ALIVE", "READY", true)).advised("flows-refused", Severity.WARNING);
        counters.put("sync_inject_refused_enomem_total", 12L);
        seen("BACKUP", "READY", peer("ALIVE", "READY", true))
                .mendedBy("flows-refused", Severity.WARNING, "sysctl -w net.netfilter.nf_conntrack_max=2097152");
        counters.clear();
        counters.put("sync_peer_refused", 5L);
        seen("MASTER", "READY", peer("ALIVE", "READY", true)).advised("flows-refused", Severity.WARNING);
    }

    @Test
    void shouldTellATableThatWasFull() {
        counters.put("flow_table_refused_full_total", 3L);
        seen("MASTER", "READY", peer("ALIVE", "READY", true))
                .mendedBy(
                        "table-full",
                        Severity.WARNING,
                        "grep -q '^ *\\[sync\\]' /etc/twinwall/twinwall.toml || printf '\\n[sync]\\n' >> /etc/twinwall/twinwall.toml",
                        "sed -i -e '/^ *\\[sync\\]/,/^ *\\[/{/^ *flows-max *=/d}' -e '/^ *\\[sync\\]/a flows-max = 2097152'"
                                + " /etc/twinwall/twinwall.toml");
    }

    @Test
    void shouldWantABufferForASecondOfEvents() {
        host.rate = OptionalLong.of(104_857);
        seen("MASTER", "READY", peer("ALIVE", "READY", true)).none("event-buffer");
        host.rate = OptionalLong.of(300_000);
        seen("MASTER", "READY", peer("ALIVE", "READY", true)).mendedBy("event-buffer", Severity.WARNING, bufferOf(256));
        counters.put("sync_kernel_event_overruns_total", 2L);
        Seen seen = seen("MASTER", "READY", peer("ALIVE", "READY", true));
        seen.none("event-buffer").mendedBy("event-overrun", Severity.WARNING, bufferOf(128));
        plans.eventBufferMb = 1_024;
        seen("MASTER", "READY", peer("ALIVE", "READY", true)).advised("event-overrun", Severity.WARNING);
    }

    private static String[] bufferOf(int mb) {
        return new String[] {
            "grep -q '^ *\\[sync\\]' /etc/twinwall/twinwall.toml || printf '\\n[sync]\\n' >> /etc/twinwall/twinwall.toml",
            "sed -i -e '/^ *\\[sync\\]/,/^ *\\[/{/^ *event-buffer-mb *=/d}' -e '/^ *\\[sync\\]/a event-buffer-mb = "
                    + mb + "' /etc/twinwall/twinwall.toml"
        };
    }
}
