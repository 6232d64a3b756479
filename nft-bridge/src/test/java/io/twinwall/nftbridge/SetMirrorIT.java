/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import io.twinwall.wire.SideChannel.Side;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Sets and maps of every kind, from one kernel to the other. */
@RequireRoot
final class SetMirrorIT {
    private static final String BANS = "inet filter bans";
    private static final Pattern EXPIRES = Pattern.compile("expires (?:(\\d+)m)?(?:(\\d+)s)?(?:(\\d+)ms)?");

    private static String table(String sets) {
        return "table inet filter {\n" + sets + "\n}\n";
    }

    private static final String PLAIN = table("set bans { type ipv4_addr; flags timeout; timeout 1m; }");

    /** Packets fill it. */
    private static final String DYNAMIC = table(
            "set bans { type ipv4_addr; size 1000; flags dynamic,timeout; timeout 1m; }\n"
                    + "chain out { type filter hook output priority 0; ip daddr 127.0.9.0/24 add @bans { ip daddr }; }");

    /** How long the first element that expires has left. */
    private static long leftMs(String listed) {
        Matcher matcher = EXPIRES.matcher(listed);
        assertTrue(matcher.find(), listed);
        return number(matcher.group(1)) * 60_000 + number(matcher.group(2)) * 1_000 + number(matcher.group(3));
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    @Test
    void shouldMirrorElementsWithTheTimeTheyHaveLeft() throws Exception {
        try (SetPair pair = SetPair.of(PLAIN, BANS)) {
            pair.a.nft("add element inet filter bans { 192.0.2.1, 192.0.2.2 timeout 10m expires 5m }");
            pair.until("both at the peer", () -> pair.b.has(BANS, "192.0.2.1") && pair.b.has(BANS, "192.0.2.2"));
            pair.untilEqual();

            String listed = pair.b.list(BANS);
            long leftMs = leftMs(listed.substring(listed.indexOf("192.0.2.2")));
            assertTrue(leftMs > 280_000 && leftMs <= 300_000, listed);
            assertTrue(listed.contains("192.0.2.2 timeout 10m"), listed);
            assertTrue(leftMs(listed.substring(listed.indexOf("192.0.2.1"))) > 40_000, listed);
        }
    }

    @Test
    void shouldMirrorWhatPacketsPutIn() throws Exception {
        try (SetPair pair = SetPair.of(DYNAMIC, BANS)) {
            pair.untilEqual();
            pair.a.packetTo("127.0.9.1");
            pair.until("the ban at the peer", () -> pair.b.has(BANS, "127.0.9.1"));
            long leftMs = leftMs(pair.b.list(BANS));
            assertTrue(leftMs > 50_000 && leftMs <= 60_000, pair.b.list(BANS));
        }
    }

    @Test
    void shouldTellThePeerWhenPacketsRefreshAnElement() throws Exception {
        String ruleset = DYNAMIC.replace("add @bans", "update @bans").replace("timeout 1m", "timeout 20s");
        try (SetPair pair = SetPair.of(ruleset, BANS)) {
            pair.untilEqual();
            pair.a.nft("add element inet filter bans { 127.0.9.1 timeout 20s expires 8s }");
            pair.until("the ban at the peer", () -> pair.b.has(BANS, "127.0.9.1"));
            assertTrue(leftMs(pair.b.list(BANS)) <= 8_000);

            pair.a.packetTo("127.0.9.1");
            pair.until("the refreshed time at the peer", () -> leftMs(pair.b.list(BANS)) > 15_000);
        }
    }

    @Test
    void shouldTakeAwayWhatTheActiveTookAway() throws Exception {
        try (SetPair pair = SetPair.of(PLAIN, BANS)) {
            pair.a.nft("add element inet filter bans { 192.0.2.1, 192.0.2.2 }");
            pair.until("both at the peer", () -> pair.b.has(BANS, "192.0.2.1") && pair.b.has(BANS, "192.0.2.2"));
            pair.a.nft("delete element inet filter bans { 192.0.2.1 }");
            pair.until("the removal at the peer", () -> !pair.b.has(BANS, "192.0.2.1"));
            assertTrue(pair.b.has(BANS, "192.0.2.2"));
            pair.a.nft("flush set inet filter bans");
            pair.until("an empty set at the peer", () -> !pair.b.list(BANS).contains("elements"));
        }
    }

    @Test
    void shouldMirrorAMapWithItsDataAndTheDataThatChanged() throws Exception {
        String map = "inet filter ports";
        try (SetPair pair = SetPair.of(table("map ports { type ipv4_addr : inet_service; }"), map)) {
            pair.a.nft("add element inet filter ports { 192.0.2.1 : 80, 192.0.2.2 : 443 }");
            pair.until("the map at the peer", () -> pair.b.listMap(map).contains("192.0.2.2 : 443"));
            pair.a.nft("delete element inet filter ports { 192.0.2.1 : 80 }\n"
                    + "add element inet filter ports { 192.0.2.1 comment \"moved\" : 8080 }");
            pair.until("the new data at the peer", () -> {
                return pair.b.listMap(map).contains("192.0.2.1 comment \"moved\" : 8080");
            });
            pair.untilEqual();
        }
    }

    @Test
    void shouldMirrorAVerdictMap() throws Exception {
        String map = "inet filter who";
        String ruleset = table("chain guests { }\nmap who { type ipv4_addr : verdict; }");
        try (SetPair pair = SetPair.of(ruleset, map)) {
            pair.a.nft("add element inet filter who { 192.0.2.1 : drop, 192.0.2.2 : jump guests }");
            pair.until("the verdicts at the peer", () -> {
                String listed = pair.b.listMap(map);
                return listed.contains("192.0.2.1 : drop") && listed.contains("192.0.2.2 : jump guests");
            });
            pair.untilEqual();
        }
    }

    @Test
    void shouldMirrorIntervalsThatChangeTheirBounds() throws Exception {
        String nets = "inet filter nets";
        String ruleset = table("set nets { type ipv4_addr; flags interval,timeout; auto-merge; }");
        try (SetPair pair = SetPair.of(ruleset, nets)) {
            pair.a.nft("add element inet filter nets { 192.0.2.0/24, 10.0.0.0/8 timeout 5m, 255.0.0.0/8 }");
            pair.until("the nets at the peer", () -> {
                String listed = pair.b.list(nets);
                return listed.contains("192.0.2.0/24") && listed.contains("255.0.0.0/8");
            });
            assertTrue(leftMs(pair.b.list(nets)) > 280_000);

            pair.a.nft("add element inet filter nets { 192.0.3.0/24 }");
            pair.until("the merged net at the peer", () -> pair.b.list(nets).contains("192.0.2.0/23"));
            pair.a.nft("delete element inet filter nets { 192.0.2.0/23 }\n"
                    + "add element inet filter nets { 192.0.3.0/24 }");
            pair.until("what is left of it", () -> {
                return pair.b.list(nets).contains("192.0.3.0/24")
                        && !pair.b.list(nets).contains("192.0.2");
            });
            pair.untilEqual();
            assertEquals(0, pair.b.counters.value("sets_refused_total"));
        }
    }

    @Test
    void shouldMirrorConcatenatedKeysWithAndWithoutRanges() throws Exception {
        String knock = "inet filter knock";
        String ranges = "inet filter ranges";
        String ruleset = table("set knock { type ipv4_addr . inet_service; flags timeout; timeout 30s; }\n"
                + "set ranges { type ipv4_addr . inet_service; flags interval; }");
        try (SetPair pair = SetPair.of(ruleset, knock, ranges)) {
            pair.a.nft("add element inet filter knock { 192.0.2.1 . 7000 }\n"
                    + "add element inet filter ranges { 192.0.2.0/24 . 1000-2000 }");
            pair.until("the keys at the peer", () -> {
                return pair.b.list(knock).contains("192.0.2.1 . 7000")
                        && pair.b.list(ranges).contains("192.0.2.0/24 . 1000-2000");
            });
            pair.a.nft("flush set inet filter ranges");
            pair.until("no range", () -> !pair.b.list(ranges).contains("elements"));
            pair.untilEqual();
        }
    }

    @Test
    void shouldMirrorIpv6AndTheElementOfAllOthers() throws Exception {
        String six = "inet filter six";
        String map = "inet filter marks";
        String ruleset = table("set six { type ipv6_addr; }\nmap marks { type ipv4_addr : mark; }");
        try (SetPair pair = SetPair.of(ruleset, six, map)) {
            pair.a.nft("add element inet filter six { 2001:db8::1 comment \"bad\" }\n"
                    + "add element inet filter marks { * : 0x7, 192.0.2.1 : 0x8 }");
            pair.until("both at the peer", () -> {
                return pair.b.list(six).contains("2001:db8::1 comment \"bad\"")
                        && pair.b.listMap(map).contains("* : 0x00000007");
            });
            pair.untilEqual();
        }
    }

    @Test
    void shouldMirrorCountersAsTheyStoodWhenTheElementWasSeen() throws Exception {
        String ruleset = table("set bans { type ipv4_addr; flags dynamic,timeout; counter; timeout 1m; }");
        try (SetPair pair = SetPair.of(ruleset, BANS)) {
            pair.a.nft("add element inet filter bans { 192.0.2.1 counter packets 5 bytes 500 }");
            pair.until("the counter at the peer", () -> pair.b.list(BANS).contains("counter packets 5 bytes 500"));
            pair.untilEqual();
        }
    }

    @Test
    void shouldTurnWithTheRolesAndKeepWhatThePeerHad() throws Exception {
        try (SetPair pair = SetPair.of(PLAIN, BANS)) {
            pair.a.nft("add element inet filter bans { 192.0.2.1 }");
            pair.until("the ban at the peer", () -> pair.b.has(BANS, "192.0.2.1"));
            pair.untilEqual();

            pair.swap();
            pair.b.nft("add element inet filter bans { 192.0.2.2 }");
            pair.until("the new active's ban at the old", () -> pair.a.has(BANS, "192.0.2.2"));
            pair.a.nft("delete element inet filter bans { 192.0.2.1 }");
            pair.until("the passive's removal undone", () -> pair.a.has(BANS, "192.0.2.1"));
            assertTrue(pair.b.has(BANS, "192.0.2.1"));
        }
    }

    @Test
    void shouldRemoveForeignElementsFromThePassiveButNothingBeforeItKnows() throws Exception {
        try (SetPair pair = SetPair.of(PLAIN, BANS)) {
            pair.a.side(Side.OFF);
            pair.b.nft("add element inet filter bans { 192.0.2.9 }");
            long untilNs = System.nanoTime() + 1_000_000_000L;
            pair.until("some looks without a source", () -> System.nanoTime() - untilNs > 0);
            assertTrue(pair.b.has(BANS, "192.0.2.9"), "nobody said that it is not to be there");

            pair.a.side(Side.SOURCE);
            pair.until("the foreign element gone", () -> !pair.b.has(BANS, "192.0.2.9"));
            pair.untilEqual();
            pair.b.nft("add element inet filter bans { 192.0.2.8 }");
            pair.until("the next one too", () -> !pair.b.has(BANS, "192.0.2.8"));
        }
    }

    @Test
    void shouldSayThatTheSetIsMissingAndMirrorItOnceItIsThere() throws Exception {
        try (SetPair pair = new SetPair(PLAIN, table(""), BANS)) {
            pair.a.nft("add element inet filter bans { 192.0.2.1 }");
            pair.until("the problem", () -> pair.b.status().problem().contains("is not in this kernel"));
            assertEquals(
                    "set inet filter bans is not in this kernel",
                    pair.b.status().problem());
            pair.until("the active to know", () -> pair.a.status().problem().startsWith("peer: set inet filter bans"));
            assertEquals(1, pair.a.counters.value("sets_problems"));

            pair.b.nft(PLAIN);
            pair.until("the ban at the peer", () -> pair.b.has(BANS, "192.0.2.1"));
            pair.untilEqual();
        }
    }

    @Test
    void shouldKeepNothingForASetThatIsMissing() throws Exception {
        try (SetPair pair = new SetPair(PLAIN, table(""), BANS)) {
            pair.until("the active to know", () -> pair.a.status().problem().startsWith("peer: set inet filter bans"));
            for (int i = 1; i <= 5; i++) {
                pair.a.nft("add element inet filter bans { 192.0.2." + i + " }");
                pair.until("the ban in the copy", () -> pair.b.status().elements() == 1);
                pair.a.nft("delete element inet filter bans { 192.0.2." + i + " }");
                pair.until("its removal", () -> pair.b.status().elements() == 0);
            }
            assertEquals(0, pair.b.status().differing(), "changes kept");
        }
    }

    @Test
    void shouldNotTouchASetOfAnotherKind() throws Exception {
        String other = table("set bans { type ipv6_addr; flags timeout; timeout 1m; }");
        try (SetPair pair = new SetPair(PLAIN, other, BANS)) {
            pair.a.nft("add element inet filter bans { 192.0.2.1 }");
            pair.b.nft("add element inet filter bans { 2001:db8::1 }");
            pair.until("the problem", () -> pair.b.status().problem().contains("key length"));
            assertEquals(
                    "key length of set inet filter bans differs: 4 bytes at the peer, 16 here",
                    pair.b.status().problem());
            assertTrue(pair.b.list(BANS).contains("2001:db8::1"));
        }
    }

    @Test
    void shouldMirrorTheRestWhenTheKernelRefusesOne() throws Exception {
        String map = "inet filter who";
        String ruleset = table("map who { type ipv4_addr : verdict; }");
        try (SetPair pair = SetPair.of(ruleset, map)) {
            pair.a.nft("add chain inet filter only_here\nadd element inet filter who { 192.0.2.1 : drop, "
                    + "192.0.2.2 : jump only_here, 192.0.2.3 : accept }");
            pair.until("the others", () -> {
                return pair.b.listMap(map).contains("192.0.2.1 : drop")
                        && pair.b.listMap(map).contains("192.0.2.3 : accept");
            });
            pair.until("the reason", () -> pair.b.status().problem().contains("refuses 1 elements"));
            assertFalse(pair.b.listMap(map).contains("192.0.2.2"));
            assertEquals(1, pair.b.status().differing());
        }
    }

    @Test
    void shouldHealWhenMessagesAreLost() throws Exception {
        try (SetPair pair = SetPair.of(PLAIN, BANS)) {
            pair.untilEqual();
            SeededRandom random = Seeds.random("messages lost");
            pair.arrives = number -> !random.chance(4);
            for (int i = 1; i <= 40; i++) {
                pair.a.nft("add element inet filter bans { 192.0.2." + i + " }");
                pair.turn();
            }
            pair.a.nft("delete element inet filter bans { 192.0.2.7 }");
            pair.arrives = number -> true;
            pair.until("all of it at the peer", () -> {
                return pair.b.status().elements() == 39
                        && pair.b.has(BANS, "192.0.2.40")
                        && !pair.b.has(BANS, "192.0.2.7");
            });
        }
    }

    @Test
    void shouldTakeOverWhatWasReceivedAndNotYetPutInTheKernel() throws Exception {
        try (SetPair pair = SetPair.of(PLAIN, BANS)) {
            pair.untilEqual();
            pair.a.nft("add element inet filter bans { 192.0.2.1 }");
            pair.until("it left", () -> pair.a.counters.value("sets_changes_sent_total") > 0);
            pair.b.side(Side.SOURCE);
            pair.b.agent.doWork();
            assertTrue(pair.b.has(BANS, "192.0.2.1"));
        }
    }
}
