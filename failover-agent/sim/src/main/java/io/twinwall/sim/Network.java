/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.RoleEvent;

/**
 * The heartbeat paths, each direction with faults of its own, and the segment on which the addresses are: one LAN to which
 * each node has a link.
 */
final class Network {
    /** The longest a datagram is under way while nothing delays it on purpose. */
    static final long TRANSIT_MAX_NS = 5 * World.MS;

    private final World world;
    private final Direction[][] paths;
    private final Direction[] lan = {new Direction(), new Direction()};

    Network(World world, int count) {
        this.world = world;
        paths = new Direction[count][];
        for (int i = 0; i < count; i++) {
            paths[i] = new Direction[] {new Direction(), new Direction()};
        }
    }

    int paths() {
        return paths.length;
    }

    /** From node {@code from} (1 or 2) on path {@code path}. */
    Direction direction(int path, int from) {
        return paths[path][from - 1];
    }

    /** The link of {@code node} to the LAN. */
    Direction lan(int node) {
        return lan[node - 1];
    }

    boolean lanWorksSince(long sinceNs) {
        return lan[0].cleanSince(sinceNs) && lan[1].cleanSince(sinceNs);
    }

    boolean lanWorks() {
        return lan[0].clean() && lan[1].clean();
    }

    /** Some path is clean from {@code from} since {@code sinceNs}. */
    boolean heardSince(int from, long sinceNs) {
        for (Direction[] path : paths) {
            if (path[from - 1].cleanSince(sinceNs)) {
                return true;
            }
        }
        return false;
    }

    /** Some path is clean both ways since {@code sinceNs}. */
    boolean worksSince(long sinceNs) {
        for (Direction[] path : paths) {
            if (path[0].cleanSince(sinceNs) && path[1].cleanSince(sinceNs)) {
                return true;
            }
        }
        return false;
    }

    boolean murky() {
        for (Direction[] path : paths) {
            if (path[0].murky() || path[1].murky()) {
                return true;
            }
        }
        return false;
    }

    void heal() {
        for (Direction[] path : paths) {
            path[0].heal(world.now());
            path[1].heal(world.now());
        }
        lan[0].heal(world.now());
        lan[1].heal(world.now());
    }

    /** On every path, each by itself. */
    void send(Node from, Datagram datagram) {
        for (int i = 0; i < paths.length; i++) {
            Direction way = paths[i][from.number - 1];
            if (way.cut || hit(way.lossPermille)) {
                continue;
            }
            deliver(from, datagram.on(i), way);
            if (hit(way.duplicatePermille)) {
                deliver(from, datagram.on(i), way);
            }
        }
    }

    private void deliver(Node from, Datagram datagram, Direction way) {
        long late = hit(way.reorderPermille) ? world.between(0, 3 * World.MS) : 0;
        long takes = way.delayNs + world.between(0, way.jitterNs) + late;
        Node to = world.other(from);
        world.in(takes, () -> to.receive(datagram));
    }

    /** Nobody listens on {@code at}: its kernel says so by ICMP, if the way back lets it. */
    void refuse(Node at, int path) {
        Direction way = paths[path][at.number - 1];
        Node asker = world.other(at);
        if (!way.cut && !hit(way.lossPermille)) {
            world.in(way.delayNs, () -> asker.post(new RoleEvent.PeerAgentGone(at.number, path)));
        }
    }

    private boolean hit(int permille) {
        return permille > 0 && world.random.nextInt(1000) < permille;
    }
}
