/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.Victim;
import io.twinwall.lab.Waiting;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** keepalived for the addresses, conntrackd for the flows, and a script between them. */
final class PeerStack implements Stack {
    private static final long LOOK_MS = 20;

    private final Map<FirewallNode, PeerNode> nodes = new EnumMap<>(FirewallNode.class);

    PeerStack(Lab lab, PeerTuning tuning) {
        for (FirewallNode node : FirewallNode.values()) {
            PeerNode peer = new PeerNode(lab, node, tuning);
            nodes.put(node, peer);
            peer.start();
        }
    }

    private PeerNode of(FirewallNode node) {
        return nodes.get(node);
    }

    @Override
    public Victim awaitPair(long deadlineMs) {
        PeerNode[] active = new PeerNode[1];
        boolean there = Waiting.until(deadlineMs, LOOK_MS, () -> {
            List<PeerNode> holders =
                    nodes.values().stream().filter(PeerNode::hasAddresses).toList();
            active[0] = holders.size() == 1 ? holders.getFirst() : null;
            return active[0] != null && nodes.values().stream().allMatch(PeerNode::settled);
        });
        if (!there) {
            throw new Fatal(ExitCode.REFUSED, "keepalived and conntrackd were no pair within " + deadlineMs + " ms");
        }
        return active[0];
    }

    @Override
    public List<Long> pids(FirewallNode node) {
        return of(node).pids();
    }

    @Override
    public long known(FirewallNode standby) {
        return of(standby).known();
    }

    @Override
    public int takeovers() {
        return nodes.values().stream().mapToInt(PeerNode::timesMaster).sum();
    }

    @Override
    public boolean active(FirewallNode node) {
        return of(node).hasAddresses();
    }

    @Override
    public void stop(FirewallNode node) {
        of(node).stop();
    }

    @Override
    public void start(FirewallNode node) {
        of(node).start();
    }

    @Override
    public void pull(FirewallNode standby) {
        of(standby).ask("-n");
    }

    @Override
    public void install(FirewallNode standby) {
        of(standby).ask("-c");
    }

    /** keepalived sets the addresses and starts the script in the same moment; the script puts the flows into the kernel. */
    @Override
    public OptionalDouble flowsAfterAddressesMs(FirewallNode heir) {
        OptionalLong begin = of(heir).last("master begin");
        OptionalLong end = of(heir).last("master committed");
        return begin.isEmpty() || end.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of((end.getAsLong() - begin.getAsLong()) / 1e6);
    }

    @Override
    public void close() {
        nodes.values().forEach(PeerNode::close);
    }
}
