/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An interface that comes and goes in all ways the kernel knows. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class InterfaceIT {
    private static final long DELAY_NS = Duration.ofMillis(1500).toNanos();

    private TestNet net;
    private String node;
    private String other;
    private Watch watch;

    @BeforeEach
    void open(TestNet made) {
        net = made;
        node = net.namespace();
        other = net.namespace();
        net.veth(node, "lan0", other, "p1");
        watch = Watch.in(
                node,
                Specs.link("quick", 10, "lan0"),
                new TrackSpec.Interface("patient", Penalty.weight(20), "lan0", DELAY_NS / 10));
        watch.awaitAll(Verdict.UP);
    }

    @AfterEach
    void close() {
        watch.close();
    }

    private void downThenUp(String detail, Runnable down, Runnable up) {
        int told = watch.heard.size();
        down.run();
        assertEquals(detail, watch.await("quick", Verdict.DOWN).detail());
        assertEquals(detail, watch.await("patient", Verdict.DOWN).detail());
        assertEquals(30, watch.trackers.health().penalty());
        up.run();
        watch.awaitAll(Verdict.UP);
        assertEquals("", watch.trackers.health().detail());
        assertTrue(watch.heard.size() > told, "the listener heard of it");
    }

    @Test
    void shouldFollowTheCarrier() {
        downThenUp("lan0 has no carrier", () -> net.down(other, "p1"), () -> net.up(other, "p1"));
        downThenUp("lan0 is set down", () -> net.down(node, "lan0"), () -> net.up(node, "lan0"));
    }

    @Test
    void shouldCountAsUpAgainOnlyAfterTheDelayOnEnd() {
        watch.trackers.replace(List.of(
                Specs.link("quick", 10, "lan0"),
                new TrackSpec.Interface("slow", Penalty.weight(20), "lan0", DELAY_NS)));
        watch.await("slow", Verdict.UP);
        net.down(other, "p1");
        watch.await("slow", Verdict.DOWN);
        net.up(other, "p1");
        watch.await("quick", Verdict.UP);
        assertEquals(Verdict.DOWN, watch.verdict("slow"), "it may fail again");
        net.down(other, "p1");
        watch.await("quick", Verdict.DOWN);
        net.up(other, "p1");
        long upNs = watch.await("quick", Verdict.UP).sinceNs();
        long delayNs = watch.await("slow", Verdict.UP).sinceNs() - upNs;
        assertTrue(delayNs >= DELAY_NS && delayNs < 3 * DELAY_NS, "waited " + delayNs);
        assertEquals(3, watch.counters.value("tracker_slow_transitions_total"), "up, down, up");
    }

    @Test
    void shouldKnowADeviceByItsName() {
        downThenUp(
                "there is no interface lan0",
                () -> Cmd.in(node, "ip", "link", "delete", "lan0"),
                () -> net.veth(node, "lan0", other, "p1"));
        downThenUp("there is no interface lan0", () -> rename("lan0", "old0"), () -> rename("old0", "lan0"));
        downThenUp(
                "there is no interface lan0", () -> Cmd.in(node, "ip", "link", "set", "lan0", "netns", other), () -> {
                    Cmd.in(other, "ip", "link", "set", "lan0", "netns", node);
                    net.up(node, "lan0");
                });
        rename("lan0", "old0");
        watch.await("quick", Verdict.DOWN);
        net.veth(node, "lan0", other, "p2");
        watch.await("quick", Verdict.UP);
        Cmd.in(node, "ip", "link", "delete", "old0");
        net.down(other, "p2");
        assertEquals("lan0 has no carrier", watch.await("quick", Verdict.DOWN).detail());
    }

    private void rename(String from, String to) {
        net.down(node, from);
        Cmd.in(node, "ip", "link", "set", from, "name", to);
        net.up(node, to);
    }

    @Test
    void shouldFollowAPortOfABridgeAndABridgeByItsPorts() {
        net.bridge(node, "br0");
        Cmd.in(node, "ip", "link", "set", "lan0", "master", "br0");
        watch.trackers.replace(List.of(Specs.link("bridge", 1, "br0"), Specs.link("port", 2, "lan0")));
        watch.await("bridge", Verdict.UP);
        net.down(other, "p1");
        assertEquals("br0 has no carrier", watch.await("bridge", Verdict.DOWN).detail());
        net.up(other, "p1");
        watch.await("bridge", Verdict.UP);
        watch.await("port", Verdict.UP);
        Cmd.in(node, "ip", "link", "set", "lan0", "nomaster");
        watch.await("bridge", Verdict.DOWN);
        assertEquals(Verdict.UP, watch.verdict("port"), "it left the bridge, but is there");
    }

    @Test
    void shouldListAgainWhenEventsWereLost() throws Exception {
        Counters counters = new Counters();
        TrackerCounters told = new TrackerCounters(counters);
        NetView view = NetNs.call(node, () -> NetView.open(Set.of(), told.linkEventsLost()));
        try (view) {
            StringBuilder many = new StringBuilder();
            for (int i = 0; i < 500; i++) {
                many.append("link set lan0 ").append(i % 2 == 0 ? "down" : "up").append('\n');
            }
            Cmd.inWithInput(node, many + "link delete lan0\n", "ip", "-batch", "-");
            while (view.onLinkEvents()) {
                view.refreshLinks();
            }
            assertTrue(counters.value("tracker_link_events_lost_total") > 0, "the control: too many events");
            assertNull(view.link("lan0"), "its end was among what was lost");
        }
    }
}
