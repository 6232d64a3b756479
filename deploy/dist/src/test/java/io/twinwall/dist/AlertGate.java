/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static io.twinwall.dist.AlertPair.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.alerts.AlertKind;
import io.twinwall.dist.AlertDesk.Told;
import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.AgentStatus;
import io.twinwall.lab.Failure;
import io.twinwall.lab.FailureInjector;
import io.twinwall.lab.LabAgent;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import java.io.IOException;
import java.util.List;

/** What befalls leases and gates; held against what the kernel's tools say of them then. */
final class AlertGate {
    private AlertGate() {}

    /** Both become active, the gate of one fails, and the other's host is lost when its standby is not ready. */
    static void play(AlertPair pair) throws Exception {
        pair.start(AgentOptions.defaults(), "");
        LabAgent a = pair.begins();
        LabAgent b = pair.other(a);
        LabAgent told = twoActives(pair, a, b);
        LabAgent active = pair.whole();
        LabAgent other = pair.other(active);
        HostTools host = new HostTools(pair.namespace(active));

        // Somebody who tries to take the lease's table away, which kernels from 6.9 do not let him; and who takes the
        // renewals.
        boolean deleted = Cmd.tryIn(pair.namespace(active), "", "nft", "delete", "table", "inet", "twinwall")
                        .exitCode()
                == 0;
        Cmd.inWithInput(pair.namespace(active), """
                table netdev lab_lo {
                    chain in {
                        type filter hook ingress device "lo" priority -600; policy accept;
                        udp dport 47998 drop
                    }
                }
                """, "nft", "-f", "-");
        Await.until("the gate is closed", SOON, () -> !host.gateOpen());
        Told lost = pair.tells(active, AlertKind.LEASE_RESTORED);
        assertTrue(deleted || lost.text().contains("the gate is closed although it was renewed"), lost::text);
        assertEquals(
                "the gate cannot be opened or kept",
                pair.tells(active, AlertKind.GATE_FAILING).text());
        assertTrue(pair.tells(other, AlertKind.SWITCHOVER).text().contains("handed over by"));
        assertTrue(new HostTools(pair.namespace(other)).gateOpen());
        Cmd.in(pair.namespace(active), "nft", "delete", "table", "netdev", "lab_lo");
        pair.recovers(active, AlertKind.GATE_FAILING);
        pair.recovers(told, AlertKind.TWO_ACTIVES);
        assertEquals(other, pair.whole());

        active.kill();
        pair.cut(active, "udp dport 47901");
        pair.start(active);
        Agents.await("it is alone", other, status -> status.peerState().equals("ALIVE") && !status.fenced());
        Agents.await("it is heard", active, status -> status.peerState().equals("ALIVE"));
        try (FailureInjector power = new FailureInjector(Failure.POWER, other, false)) {
            power.strike();
        }
        Told unready = pair.tells(active, AlertKind.UNREADY_TAKEOVER);
        assertTrue(unready.text().contains("taking over although not ready ("), unready::text);
        Told unfenced = pair.tells(active, AlertKind.UNFENCED_PEER);
        assertTrue(
                unfenced.text().contains("the lease of " + other.node().nodeName() + " was not armed"), unfenced::text);
        pair.tells(active, AlertKind.TAKEOVER);
        assertEquals(HostTools.allVips(), host.vips());
        assertTrue(new HostTools(pair.namespace(other)).gateOpen(), "whose kernel would forward if it had a link");
    }

    /** Neither hears the other, and none asks who has the addresses; then they meet. The one that has told of it. */
    private static LabAgent twoActives(AlertPair pair, LabAgent a, LabAgent b) throws IOException {
        for (LabAgent one : List.of(a, b)) {
            pair.reload(one, "probe-vips = true", "probe-vips = false", "takeover");
        }
        // The other way round the active would disarm its lease, being alone, and say so.
        pair.cut(b, "udp dport " + AlertPair.HEARTBEATS);
        pair.cut(a, "udp dport " + AlertPair.HEARTBEATS);
        pair.tells(b, AlertKind.TAKEOVER);
        Agents.await("it is active", a, AgentStatus::master);
        Agents.await("it is active", b, AgentStatus::master);
        for (LabAgent one : List.of(a, b)) {
            HostTools host = new HostTools(pair.namespace(one));
            Await.until("both hold all addresses", SOON, () -> host.vips().equals(HostTools.allVips()));
            Await.until("both forward", SOON, host::gateOpen);
        }
        for (LabAgent one : List.of(a, b)) {
            pair.mend(one);
        }
        // Who hears first and yields is not seen by the other as a rival.
        LabAgent[] told = new LabAgent[1];
        Await.until("one tells of two", SOON, () -> {
            for (LabAgent one : List.of(a, b)) {
                String what = one.node().nodeName() + " two-actives opened";
                told[0] = pair.desk().told("mail", what).isEmpty() ? told[0] : one;
            }
            return told[0] != null;
        });
        String text = pair.tells(told[0], AlertKind.TWO_ACTIVES).text();
        assertTrue(text.contains("claims to be active with term "), text);
        for (LabAgent one : List.of(a, b)) {
            pair.reload(one, "probe-vips = false", "probe-vips = true", "takeover");
        }
        return told[0];
    }
}
