/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.alerts.AlertKind;
import io.twinwall.dist.AlertDesk.State;
import io.twinwall.dist.AlertDesk.Told;
import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.Pair;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Set;

/** A running pair that tells an {@link AlertDesk}, and what is done to it by hand. */
final class AlertPair implements AutoCloseable {
    /** Longer than any cause takes to be told of. */
    static final Duration SOON = Duration.ofSeconds(60);

    /** What lasts is over for 30 s before that is told. */
    static final Duration SETTLED = Duration.ofSeconds(60);

    /** The port of heartbeats in a lab. */
    static final int HEARTBEATS = 47900;

    private static final long READY_MS = 90_000;

    private final Lab lab;
    private final AlertDesk desk;
    private Pair pair;

    /** A lab without agents. */
    AlertPair() throws IOException {
        lab = Lab.create();
        try {
            desk = new AlertDesk(lab);
        } catch (IOException | RuntimeException | AssertionError e) {
            lab.close();
            throw e;
        }
    }

    Lab lab() {
        return lab;
    }

    AlertDesk desk() {
        return desk;
    }

    /** Starts both, with {@code more} in their configuration; one pair after the other, since a start is what costs most. */
    void start(AgentOptions options, String more) {
        synchronized (AlertPair.class) {
            pair = new Pair(lab, Program.command(), options.withMore(more + desk.receivers()));
            whole();
        }
    }

    /** Starts one that was killed. */
    void start(LabAgent agent) {
        Await.until("its last life is over", SOON, () -> !agent.alive());
        pair.start(agent);
    }

    LabAgent other(LabAgent agent) {
        return pair.other(agent);
    }

    /** The pair's beginning: waits for an active node, which tells that it is, and its ready standby; the active. */
    LabAgent begins() {
        LabAgent active = whole();
        tells(active, AlertKind.TAKEOVER);
        return active;
    }

    /** Waits for an active node and its ready standby; the active. */
    LabAgent whole() {
        return pair.awaitPair(READY_MS, progress -> {});
    }

    /** It began, or it happened. */
    Told tells(LabAgent agent, AlertKind kind) {
        return tells(agent, kind, "");
    }

    Told tells(LabAgent agent, AlertKind kind, String subject) {
        return desk.expect(agent, kind, subject, kind.lasts() ? State.OPENED : State.EVENT, SOON);
    }

    Told recovers(LabAgent agent, AlertKind kind) {
        return recovers(agent, kind, "", SETTLED);
    }

    Told recovers(LabAgent agent, AlertKind kind, String subject, Duration within) {
        return desk.expect(agent, kind, subject, State.RECOVERED, within);
    }

    /** Whether both kernels hold the same flows, {@code flows} at least. */
    boolean equal(int flows) {
        Set<String> first = new HostTools(namespace(pair.agents().getFirst())).flows();
        return first.size() >= flows
                && first.equals(new HostTools(namespace(pair.agents().getLast())).flows());
    }

    String namespace(LabAgent agent) {
        return lab.namespace(agent.node());
    }

    /** Drops what arrives at {@code agent} and matches {@code what}, until {@link #mend}. */
    void cut(LabAgent agent, String what) {
        Cmd.inWithInput(namespace(agent), """
                table inet lab_cut {
                    chain prerouting {
                        type filter hook prerouting priority -400; policy accept;
                        %s counter drop
                    }
                }
                """.formatted(what), "nft", "-f", "-");
    }

    void mend(LabAgent agent) {
        Cmd.in(namespace(agent), "nft", "delete", "table", "inet", "lab_cut");
    }

    /** Puts a changed configuration in place; {@code in}: what the reload says of it. */
    void reload(LabAgent agent, String from, String to, String in) throws IOException {
        Files.writeString(
                agent.configFile(), Files.readString(agent.configFile()).replace(from, to));
        assertEquals("in place: " + in + "\n", says(0, agent, "reload"));
    }

    /** What the command line says to {@code words} for {@code agent}; it must end with {@code exitCode}. */
    String says(int exitCode, LabAgent agent, String... words) {
        Program.Ended ended = Program.ask(agent, words);
        assertEquals(exitCode, ended.exitCode(), () -> String.join(" ", words) + ": " + ended);
        return ended.out();
    }

    @Override
    public void close() {
        if (pair != null) {
            pair.close();
        }
        desk.close();
        lab.close();
    }
}
