/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** A master's eye on its peers: not fit to take over for long is an alarm, once for each time. */
final class Watch {
    private Watch() {}

    static void peers(Draft d) {
        for (int i = 0; i < d.peers.size(); i++) {
            PeerView peer = d.peers.get(i);
            String why = d.master() ? unfit(d, peer) : "";
            if (why.isEmpty()) {
                if (!peer.fitness().equals(PeerView.Fitness.FIT)) {
                    d.peers.set(i, peer.fit(PeerView.Fitness.FIT));
                }
                continue;
            }
            PeerView.Fitness before = peer.fitness();
            long sinceNs = before.why().isEmpty() ? d.nowNs : before.unfitSinceNs();
            boolean alarmed = before.alarmed();
            long limitNs = d.config.limits().unfitNs();
            if (!alarmed && d.nowNs - sinceNs >= limitNs) {
                alarmed = true;
                d.alarm(
                        AlarmCode.PEER_NOT_READY,
                        peer.name() + " has not been fit to take over for " + RoleConfig.millis(limitNs) + ": " + why);
            }
            d.peers.set(i, peer.fit(new PeerView.Fitness(sinceNs, why, alarmed)));
        }
    }

    /** Why {@code peer} is not fit to take over; "": it is, or its loss or maintenance is known otherwise. */
    private static String unfit(Draft d, PeerView peer) {
        if (!d.alive(peer)) {
            return "";
        }
        Heartbeat last = peer.last();
        return switch (last.role()) {
            case INIT, MAINTENANCE, MASTER -> "";
            case FAULT -> "it is in fault";
            case BACKUP -> {
                if (last.readiness() != Readiness.READY) {
                    yield "its copy of the flows is not complete (" + last.readiness() + ")";
                }
                boolean stale = d.sync.lagDeltas() > d.config.limits().lagDeltasMax();
                yield stale ? "replication lags by " + d.sync.lagDeltas() + " changes" : "";
            }
        };
    }
}
