/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RequireRoot
@ExtendWith(NetNsExtension.class)
class PresenceIT {
    private static final Duration SOON = Duration.ofSeconds(10);

    private String node;
    private String other;

    @BeforeEach
    void wire(TestNet net) {
        node = net.namespace();
        other = net.namespace();
        for (String quiet : new String[] {node, other}) {
            Cmd.in(quiet, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1");
        }
        net.veth(node, "lan0", other, "peer0");
        net.address(node, "lan0", "10.10.0.1/24");
    }

    @Test
    void shouldAnnounceWhatIsNewAndNotAllAgainForOneThatCannotBeAdded() throws Exception {
        Config config = ConfigFile.check(
                        "f.toml", ConfigSamples.SHORT + "[[vip]]\naddress = \"10.77.0.254/24\"\ninterface = \"dmz0\"\n")
                .config()
                .orElseThrow();
        Presence presence = NetNs.call(node, () -> new Presence(config, new Counters()));
        try {
            assertEquals("10.77.0.254/24 on dmz0: no such interface", presence.add(false));
            long before = sent();
            announceAll(presence);
            assertEquals(before + 4 * 2 + 1, sent(), "a request and a reply a round, and a question");
            for (int second = 0; second < 3; second++) {
                presence.add(false);
                announceAll(presence);
            }
            assertEquals(before + 4 * 2 + 1, sent(), "nothing is new");
            Cmd.in(node, "ip", "address", "del", "10.10.0.254/32", "dev", "lan0");
            presence.add(false);
            announceAll(presence);
            assertEquals(before + 8 * 2 + 2, sent(), "it came again");
            presence.remove();
            presence.add(false);
            announceAll(presence);
            assertEquals(before + 12 * 2 + 3, sent(), "the role came again");
        } finally {
            presence.close();
        }
    }

    @Test
    void shouldHearOfAnotherWhoKeptTheAddressAlthoughHeSaysNothingUnasked() throws Exception {
        Config config = ConfigFile.check("f.toml", ConfigSamples.SHORT).config().orElseThrow();
        Presence presence = NetNs.call(node, () -> new Presence(config, new Counters()));
        try {
            Cmd.in(other, "ip", "address", "add", "10.10.0.254/24", "dev", "peer0");
            presence.add(false);
            List<String> heard = new ArrayList<>();
            for (int round = 0; round < 4; round++) {
                presence.announce(round);
            }
            Await.until("the answer", SOON, () -> {
                String who = presence.work(NanoClock.SYSTEM.nanoTime());
                if (who != null) {
                    heard.add(who);
                }
                return !heard.isEmpty();
            });
            assertTrue(heard.getFirst().startsWith("10.10.0.254 is answered by "), heard.toString());
        } finally {
            presence.close();
        }
    }

    /** As the role protocol asks for it. */
    private static void announceAll(Presence presence) {
        for (int round = 0; round < 4; round++) {
            presence.announce(round);
            Await.until("the round to be sent", SOON, () -> {
                presence.work(NanoClock.SYSTEM.nanoTime());
                return !presence.announcing();
            });
        }
    }

    private long sent() {
        List<String> words = List.of(Cmd.in(node, "cat", "/proc/net/dev")
                .lines()
                .filter(line -> line.contains("lan0:"))
                .findFirst()
                .orElseThrow()
                .strip()
                .split("[ :]+"));
        // The name, eight numbers of what was received, then bytes and packets of what was sent.
        return Long.parseLong(words.get(10));
    }
}
