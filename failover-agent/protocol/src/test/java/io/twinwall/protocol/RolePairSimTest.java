/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import static io.twinwall.protocol.ToyPair.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.twinwall.base.SeededRandom;
import org.junit.jupiter.api.Test;

/** Thousands of short lives of a pair, each drawn from its seed. {@code -Dtwinwall.seed=N} repeats one,
 * {@code -Dtwinwall.seeds=N} tries more. */
class RolePairSimTest {
    private static final RoleConfig.Timing[] PROFILES = {
        RoleConfig.Timing.of(200 * MS, 500 * MS, 900 * MS),
        RoleConfig.Timing.of(40 * MS, 110 * MS, 170 * MS),
        RoleConfig.Timing.of(10 * MS, 45 * MS, 75 * MS)
    };

    private static final RoleConfig.FailBack.Policy[] POLICIES = RoleConfig.FailBack.Policy.values();

    private interface Life {
        void live(SeededRandom random, long seed);
    }

    private static void seeds(int count, Life life) {
        Long only = Long.getLong("twinwall.seed");
        long last = only == null ? Long.getLong("twinwall.seeds", count) : only;
        for (long seed = only == null ? 1 : only; seed <= last; seed++) {
            life.live(new SeededRandom(SeededRandom.mix(seed)), seed);
        }
    }

    private static void report(ToyPair pair, long seed) {
        if (pair.violation != null) {
            fail("seed " + seed + ": " + pair.story());
        }
    }

    @Test
    void shouldNeverForwardTwiceNorStayDeadUnderFaults() {
        seeds(2_000, (random, seed) -> {
            Fence fence = random.chance(2) ? Fence.STRICT : Fence.WHEN_PEER_READY;
            ToyPair pair = new ToyPair(random, PROFILES[random.nextInt(3)], fence);
            pair.pauseOneIn = random.chance(3) ? 200 : 0;
            pair.a.start(pair.nowNs);
            pair.run(MS * random.nextInt(2) * random.nextInt(1500));
            pair.b.start(pair.nowNs);
            for (int i = 0; i < 8 && pair.violation == null; i++) {
                pair.run(MS * random.nextInt(900));
                fault(pair, random);
                pair.disturb();
            }
            healAndDemandOneActive(pair, random);
            report(pair, seed);
        });
    }

    private static void fault(ToyPair pair, SeededRandom random) {
        ToyNode node = random.chance(2) ? pair.a : pair.b;
        switch (random.nextInt(8)) {
            case 0 -> pair.cut = !pair.cut;
            case 1 -> pair.lossPercent = random.nextInt(60);
            case 2 -> pair.lossPercent = 0;
            case 3, 4 -> node.pause(pair.nowNs, MS * (1 + random.nextInt(700)));
            case 5 -> node.kill(pair.nowNs, random.chance(2));
            case 6 -> {
                if (!node.running) {
                    node.start(pair.nowNs);
                }
            }
            default -> node.deliver(pair.nowNs, new RoleEvent.SwitchoverAsked(random.chance(3)));
        }
    }

    /** Everything: also what operators, trackers and the other direction of the network may do. */
    @Test
    void shouldNeverForwardTwiceNorStayDeadWhateverIsAsked() {
        seeds(2_000, (random, seed) -> {
            Fence fence = random.chance(2) ? Fence.STRICT : Fence.WHEN_PEER_READY;
            ToyPair pair = new ToyPair(
                    new ToyPair(random, PROFILES[random.nextInt(3)], fence),
                    random.chance(4),
                    new RoleConfig.FailBack(POLICIES[random.nextInt(3)], MS * random.nextInt(500)),
                    new RoleConfig.Flap(1 + random.nextInt(6), 60_000 * MS, 60_000 * MS));
            pair.pauseOneIn = random.chance(4) ? 200 : 0;
            pair.a.start(pair.nowNs);
            pair.run(MS * random.nextInt(2) * random.nextInt(1500));
            pair.b.start(pair.nowNs);
            for (int i = 0; i < 12 && pair.violation == null; i++) {
                pair.run(MS * random.nextInt(900));
                if (random.chance(2)) {
                    fault(pair, random);
                } else {
                    strange(pair, random);
                }
                pair.disturb();
            }
            healAndDemandOneActive(pair, random);
            report(pair, seed);
        });
    }

    private static void strange(ToyPair pair, SeededRandom random) {
        ToyNode node = random.chance(2) ? pair.a : pair.b;
        boolean sure = random.chance(2);
        switch (random.nextInt(10)) {
            case 0 -> pair.mute = pair.mute == null ? node : null;
            case 1 -> tell(pair, node, new RoleEvent.HealthChanged(sure ? 0 : random.nextInt(120), "", "toy"));
            case 2 -> tell(pair, node, new RoleEvent.HealthChanged(0, sure ? "toy is down" : "", "toy"));
            case 3 -> tell(pair, node, new RoleEvent.MaintenanceAsked(sure));
            case 4 -> tell(pair, node, new RoleEvent.PromoteAsked(sure));
            case 5 -> {
                // What the trackers say may be old.
                node.answersNow = random.chance(2);
                tell(pair, node, new RoleEvent.ReachChanged(sure ? Reach.SILENT : Reach.ANSWERED));
            }
            case 6 -> {
                node.kill(pair.nowNs, false);
                node.hint(pair.nowNs);
            }
            case 7 -> node.gateBroken = !node.gateBroken;
            case 8 -> tell(pair, node, new RoleEvent.StopAsked());
            default -> tell(pair, node, new RoleEvent.Reconfigured("nothing"));
        }
    }

    private static void tell(ToyPair pair, ToyNode node, RoleEvent event) {
        node.trace.add(pair.nowNs / MS + " told " + event);
        node.deliver(pair.nowNs, event);
    }

    /** All is well again, and nobody is told to stay out. */
    private static void mend(ToyPair pair) {
        pair.mute = null;
        for (ToyNode node : new ToyNode[] {pair.a, pair.b}) {
            node.gateBroken = false;
            node.answersNow = true;
            if (!node.running) {
                continue;
            }
            if (node.state.stopping()) {
                node.kill(pair.nowNs, false);
                node.start(pair.nowNs);
            }
            tell(pair, node, new RoleEvent.HealthChanged(0, "", ""));
            tell(pair, node, new RoleEvent.ReachChanged(Reach.ANSWERED));
            tell(pair, node, new RoleEvent.MaintenanceAsked(false));
        }
    }

    private static void healAndDemandOneActive(ToyPair pair, SeededRandom random) {
        pair.cut = false;
        pair.lossPercent = 0;
        pair.pauseOneIn = 0;
        if (!pair.a.running && (!pair.b.running || random.chance(2))) {
            pair.a.start(pair.nowNs);
        }
        if (!pair.b.running && random.chance(2)) {
            pair.b.start(pair.nowNs);
        }
        pair.run(700 * MS);
        if (!pair.a.running && !pair.b.running) {
            pair.a.start(pair.nowNs);
        }
        mend(pair);
        pair.disturb();
        pair.run(5 * pair.a.config.timing().deadNs() + 1500 * MS);
        if (pair.violation != null) {
            return;
        }
        demandOneActive(pair);
        // The role may be on its way, by the fail-back policy: then it arrives.
        for (int i = 0;
                i < 60 && pair.violation != null && !pair.a.config.failBack().equals(RoleConfig.FailBack.NEVER);
                i++) {
            pair.violation = null;
            pair.run(50 * MS);
            demandOneActive(pair);
        }
    }

    private static void demandOneActive(ToyPair pair) {
        int masters = (pair.a.role() == Role.MASTER ? 1 : 0) + (pair.b.role() == Role.MASTER ? 1 : 0);
        int open = (pair.a.gateOpen(pair.nowNs) ? 1 : 0) + (pair.b.gateOpen(pair.nowNs) ? 1 : 0);
        boolean bothUp = pair.a.running && pair.b.running;
        // Without its agent, a gate that was not armed stays open: nobody is there to close it.
        if (masters > 1 || open == 0 || (bothUp && (masters != 1 || open != 1))) {
            pair.fail(masters + " masters and " + open + " open gates after everything healed");
        }
        for (ToyNode node : new ToyNode[] {pair.a, pair.b}) {
            if (bothUp && node.vips != (node.role() == Role.MASTER)) {
                pair.fail(node.config.name() + " is " + node.role() + " and holds the addresses: " + node.vips);
            }
        }
    }

    private static ToyPair settled(SeededRandom random) {
        return settled(new ToyPair(random, PROFILES[random.nextInt(3)], Fence.WHEN_PEER_READY));
    }

    private static ToyPair settled(ToyPair pair) {
        pair.a.start(pair.nowNs);
        pair.b.start(pair.nowNs);
        pair.run(3_500 * MS);
        return pair;
    }

    @Test
    void shouldKeepAGateOpenThroughEverySwitchover() {
        seeds(200, (random, seed) -> {
            ToyPair pair = settled(random);
            ToyNode asked = random.chance(2) ? pair.a : pair.b;
            ToyNode before = pair.a.role() == Role.MASTER ? pair.a : pair.b;
            asked.deliver(pair.nowNs, new RoleEvent.SwitchoverAsked(false));
            for (int ms = 0; ms < 3_000 && pair.violation == null; ms++) {
                pair.run(MS);
                if (!(pair.a.gateOpen(pair.nowNs) && pair.a.vips) && !(pair.b.gateOpen(pair.nowNs) && pair.b.vips)) {
                    pair.fail("nobody forwards during a switchover");
                }
            }
            report(pair, seed);
            assertEquals(true, asked.answer, "seed " + seed);
            assertEquals(Role.MASTER, pair.other(before).role(), "seed " + seed);
            assertEquals(Role.BACKUP, before.role(), "seed " + seed);
        });
    }

    @Test
    void shouldNotBlinkWhenThePassiveDies() {
        seeds(200, (random, seed) -> {
            ToyPair pair = settled(random);
            ToyNode active = pair.a.role() == Role.MASTER ? pair.a : pair.b;
            pair.run(MS * random.nextInt(300));
            pair.other(active).kill(pair.nowNs, true);
            for (int ms = 0; ms < 2_000 && pair.violation == null; ms++) {
                pair.run(MS);
                if (!active.gateOpen(pair.nowNs) || active.role() != Role.MASTER) {
                    pair.fail("the active stopped forwarding because the passive died");
                }
            }
            report(pair, seed);
        });
    }

    /** A port of the switch that forwards late: the passive boots, hears nobody, and has the higher term when it does. */
    @Test
    void shouldKeepTheActiveWhosePeerBootsBehindABlockedPort() {
        seeds(200, (random, seed) -> {
            // Without probes, which would find the active out.
            ToyPair pair = settled(new ToyPair(random, PROFILES[random.nextInt(3)], Fence.WHEN_PEER_READY, false));
            ToyNode active = pair.a.role() == Role.MASTER ? pair.a : pair.b;
            ToyNode passive = pair.other(active);
            passive.kill(pair.nowNs, true);
            pair.run(MS * random.nextInt(2_000));
            pair.cut = true;
            passive.start(pair.nowNs);
            pair.run(MS * (500 + random.nextInt(3_000)));
            pair.run(3 * passive.config.timing().deadNs());
            assertEquals(Role.MASTER, passive.role(), "hears nobody, seed " + seed);
            pair.cut = false;
            pair.disturb();
            for (int ms = 0; ms < 2_000 && pair.violation == null; ms++) {
                pair.run(MS);
                if (active.role() != Role.MASTER || !active.gateOpen(pair.nowNs)) {
                    pair.fail("the active gave way to a peer that had heard nobody");
                }
            }
            report(pair, seed);
            assertEquals(Role.BACKUP, passive.role(), "seed " + seed);
            assertEquals(Readiness.READY, passive.state.sync().readiness(), "seed " + seed);
        });
    }

    @Test
    void shouldRepeatALifeExactlyForOneSeed() {
        assertEquals(life(77), life(77));
    }

    private static String life(long seed) {
        SeededRandom random = new SeededRandom(seed);
        ToyPair pair = settled(random);
        for (int i = 0; i < 6; i++) {
            fault(pair, random);
            pair.run(400 * MS);
        }
        return pair.story();
    }
}
