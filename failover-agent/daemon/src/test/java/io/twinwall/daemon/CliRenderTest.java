/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.Json;
import io.twinwall.base.ExitCode;
import io.twinwall.doctor.Diagnosis;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CliRenderTest {
    private static final String PEER_BACKUP = "\"ALIVE\",\"role\":\"BACKUP\",\"term\":3";

    @Test
    void shouldShowBothNodesOnOneScreen() {
        assertEquals("""
                             fw-a (here)      fw-b
                role         MASTER           BACKUP
                for          1 h 23 min       1 h 23 min
                term         3                3
                readiness    READY            READY
                gate         open, fenced     closed
                health       80               50
                configured   master, 100      slave, 60
                fail-back    priority, 60 s   priority, 60 s
                link                          alive, heard 12 ms ago, hears us
                path         sync (udp)                   in: heard 12 ms ago; out: works, heard there
                path         wire (serial)                in: never heard; out: closed, silent there
                             no such line
                key          2, rolling, accepted: [2, 1]

                sync         ACTIVE, 1,000 flows, 0 to send
                lag          0 deltas, 0.0 ms
                resync       complete, 0 buckets differ
                flows        active 1,003 in kernel, 1,000 in table; passive 1,000 in mirror, 998 in kernel, 2 refused
                host         2,400 of 262,144 entries in this kernel
                set          inet filter bans             1,204 elements, equal for 1 min 1 s
                set          inet filter limits           7 elements, 7 differ
                             peer: set inet filter limits is not in this kernel

                lease        when-peer-ready, armed, gate open, 110 ms; fw-b: not armed
                vip          10.10.0.254/24               lan0            held
                vip          2001:db8:1::254/64           lan0            held

                health       priority 80 (less 20), down: resolver
                reach        test addresses answer
                track        resolver                     down     for 1 min 1 s, no process 812
                peer health  priority 50 (less 10), down: disk
                peer track   disk                         down     for 1 min 1 s, exit status 1

                COUNTDOWN    takes over in 23 s; twinwall veto keeps it from that

                COUNTDOWN    fw-b: vetoed there

                takeover     unplanned, peer dead, term 3, seen after 171.2 ms
                             drain 0.3, source 0.4, gate 0.1, vips 1.0, announce 0.2, in all 2.0 ms; timeouts 7.5 ms
                             1,000 flows mirrored, 1,000 installed, 0 refused
                             FAILED VIPS: no wan0

                changes      BACKUP -> MASTER, term 3, 1 h 23 min ago: peer dead
                             INIT -> BACKUP, term 2, 2 h 30 min ago: started
                peer changes MASTER -> BACKUP, term 3, 1 h 23 min ago: a higher term
                took over    fw-b: unplanned, peer dead, term 2, in 2.0 ms, 2 h 30 min ago
                             FAILED HOOKS: exit status 1
                hook         /etc/twinwall/hooks/mail     exit status 3, for MASTER, 1 h 23 min ago
                alert        ops (mail)                   12 sent
                alert        chat (webhook)               3 sent, 2 waiting, 1 LOST
                             FAILED 5 s ago: HTTP status 500 from https://chat.example.net
                peer hook    /etc/twinwall/hooks/mail     exit status 4, 1 h 23 min ago
                peer alert   ops (mail)                   FAILED: mail.example.net refuses

                ALARM        STEP_FAILED, 5 s ago: VIPS: no wan0
                what to do   Mend what the text names: an interface for VIPS, the lease's tables for GATE, a hook, or the disk
                             under state.directory.
                PEER ALARM   JOURNAL_OFF, 6 s ago on fw-b: the disk is full
                do there     Make room, or mend the disk.
                """, CliStatusText.render(Json.read(CliSamples.STATUS, CliStatus.class)));
    }

    @Test
    void shouldSayTheSameInColoursAndWithout() {
        CliStatus status = Json.read(CliSamples.STATUS, CliStatus.class);
        String coloured = CliStatusText.render(status, CliStyle.COLOURED);
        assertEquals(CliStatusText.render(status), coloured.replaceAll("\033\\[[0-9;]*m", ""));
        assertTrue(coloured.contains("role         \033[32mMASTER\033[0m           \033[32mBACKUP\033[0m\n"), coloured);
        assertTrue(coloured.contains("\033[1;31m2 refused\033[0m"), coloured);
    }

    @Test
    void shouldShowALonelyNodeThatCatchesUp() {
        String json = """
                {"node":"fw-b","role":"BACKUP","roleSinceMs":900,"term":0,"configuredRole":"slave","priority":50,
                 "readiness":"SYNCING","peer":{"name":"fw-a","state":"NEVER_SEEN"},
                 "sync":{"mode":"MIRROR","flows":12345,"resyncProgress":0.999,"lossWindows":2,"lossWindowMs":3.5,"expectations":4},
                 "vips":[],"lastTakeover":null,"news":{"of":"a later version"}}
                """;
        assertEquals("""
                             fw-b (here)      fw-a
                role         BACKUP           -
                for          900 ms           -
                term         0                -
                readiness    SYNCING          -
                gate         -                -
                health       -                -
                configured   slave, 50        -
                link                          never seen

                sync         MIRROR, 12,345 flows, 0 to apply
                lag          0 deltas
                resync       99 % done, 0 buckets differ
                expected     4 connections
                lost events  2 loss windows, 3.5 ms in all
                """, CliStatusText.render(Json.read(json, CliStatus.class)));
    }

    @Test
    void shouldNotShowTheOldRoleOfALostPeerAsItsPresentOne() {
        String lost = CliSamples.STATUS.replace(
                "\"ALIVE\",\"role\":\"BACKUP\",\"term\":3,\"readiness\":\"READY\",\"heardMsAgo\":12",
                "\"LOST\",\"role\":null,\"term\":3,\"readiness\":null,\"heardMsAgo\":61000");
        String screen = CliStatusText.render(Json.read(lost, CliStatus.class));
        assertTrue(screen.contains("role         MASTER           -\n"), screen);
        assertTrue(screen.contains("readiness    READY            -\n"), screen);
        assertTrue(screen.contains("LOST, not heard for 1 min 1 s, was BACKUP then\n"), screen);
    }

    private static String screen(String json) {
        return CliStatusText.render(Json.read(json, CliStatus.class));
    }

    @Test
    void shouldSayWhoHasAnAddressWhenThePeerToldInItsPresentRole() {
        String ours = "{\"address\":\"10.10.0.254/24\",\"interface\":\"lan0\",\"held\":true}";
        String notOurs = ours.replace("true", "false");
        String vip = "vip          10.10.0.254/24               lan0            ";
        String lacking = CliSamples.STATUS.replace(ours, notOurs);
        assertTrue(screen(lacking).contains(vip + "held by neither\n"), screen(lacking));
        String passive = lacking.replace("\"role\":\"MASTER\",\"roleSinceMs\"", "\"role\":\"BACKUP\",\"roleSinceMs\"");
        assertTrue(screen(passive).contains(vip + "held by neither\n"), screen(passive));
        // The report's is the first: it comes before this node's own in the text.
        String theirs = passive.replaceFirst(Pattern.quote(notOurs), ours)
                .replace(PEER_BACKUP, PEER_BACKUP.replace("BACKUP", "MASTER"));
        assertTrue(screen(theirs).contains(vip + "-\n"), "it told when it was passive");
        String told = theirs.replace("\"role\":\"BACKUP\",\"term\":3", "\"role\":\"MASTER\",\"term\":3");
        assertTrue(screen(told).contains(vip + "held by fw-b\n"), screen(told));
        String both = told.replace(notOurs, ours);
        assertTrue(screen(both).contains(vip + "HELD BY BOTH\n"), "both forward: " + screen(both));
        String closed = both.replace("\"gateOpen\":true", "\"gateOpen\":false");
        assertTrue(screen(closed).contains(vip + "HELD, THOUGH NOT ACTIVE\n"), screen(closed));
        String off = both.replace("\"mode\":\"when-peer-ready\"", "\"mode\":\"off\"");
        assertTrue(
                screen(off).contains(vip + "HELD, THOUGH NOT ACTIVE\n"), "a gate that is always open: " + screen(off));
        String comes = told.replace("\"held\":true", "\"held\":false");
        assertTrue(screen(comes).contains(vip + "-\n"), "it told as it took over");
        String before = told.replace(
                "\"role\":\"MASTER\",\"term\":3,\"configured", "\"role\":\"MASTER\",\"term\":2,\"configured");
        assertTrue(screen(before).contains(vip + "-\n"), "it told in an earlier term");
        String old = told.replace("\"current\":true", "\"current\":false");
        assertTrue(screen(old).contains(vip + "-\n"), screen(old));
    }

    @Test
    void shouldSayWhenAnAddressIsWhereItShouldNotBe() {
        String vip = "vip          10.10.0.254/24               lan0            ";
        String untold = CliSamples.STATUS.replace("\"current\":true", "\"current\":false");
        assertTrue(screen(untold).contains(vip + "held\n"), screen(untold));
        String lacking = untold.replace("\"held\":true", "\"held\":false");
        assertTrue(screen(lacking).contains(vip + "not held\n"), screen(lacking));
        String passive = untold.replace("\"role\":\"MASTER\",\"roleSinceMs\"", "\"role\":\"BACKUP\",\"roleSinceMs\"");
        assertTrue(screen(passive).contains(vip + "held since before the restart\n"), screen(passive));
        String closed = passive.replace("\"gateOpen\":true", "\"gateOpen\":false");
        assertTrue(screen(closed).contains(vip + "HELD, THOUGH NOT ACTIVE\n"), screen(closed));
        String there = CliSamples.STATUS.replaceFirst("\"held\":false", "\"held\":true");
        String also = vip + "held; ALSO BY fw-b, WHICH IS NOT ACTIVE\n";
        assertTrue(screen(there).contains(also), screen(there));
    }

    @Test
    void shouldShowWhatALostPeerToldLastAsWhatWas() {
        String lost = CliSamples.STATUS
                .replace(PEER_BACKUP, "\"LOST\",\"role\":null,\"term\":3")
                .replace("\"current\":true,\"agoMs\":800", "\"current\":false,\"agoMs\":60000")
                .replace("{\"leftMs\":0,\"vetoed\":true}", "{\"leftMs\":90000,\"vetoed\":false}");
        String screen = screen(lost);
        assertTrue(screen.contains("told         fw-b told of itself last 1 min 0 s ago\n"), screen);
        assertTrue(
                screen.contains("peer track   disk                         was down for 1 min 1 s, exit status 1\n"),
                screen);
        assertTrue(screen.contains("peer health  priority 50 (less 10), down: disk, when it told last\n"), screen);
        assertTrue(screen.contains("peer alarm   JOURNAL_OFF, 1 min 6 s ago on fw-b: the disk is full\n"), screen);
        assertFalse(screen.contains("do there"), screen);
        assertFalse(screen.contains("heard there"), screen);
        assertFalse(screen.contains("fw-b takes over"), screen);
    }

    @Test
    void shouldCountThePeersCountdownDown() {
        String counting =
                CliSamples.STATUS.replace("{\"leftMs\":0,\"vetoed\":true}", "{\"leftMs\":9900,\"vetoed\":false}");
        assertTrue(screen(counting).contains("COUNTDOWN    fw-b takes over in 9 s\n"), screen(counting));
        String over = counting.replace("\"leftMs\":9900", "\"leftMs\":700");
        assertFalse(screen(over).contains("fw-b takes over"), screen(over));
    }

    @Test
    void shouldShowAChangeOfThePeerThatItDidNotTellYet() {
        for (int agoMs : new int[] {300, 1_900}) {
            String status = CliSamples.STATUS.replace(
                    "\"changes\":[",
                    "\"changes\":[{\"from\":\"BACKUP\",\"to\":\"MASTER\",\"term\":4,\"agoMs\":" + agoMs + "},");
            assertTrue(
                    screen(status)
                            .contains("peer changes BACKUP -> MASTER, term 4, " + CliStatusText.duration(agoMs) + """
                             ago
                                         MASTER -> BACKUP, term 3, 1 h 23 min ago: a higher term
                            """),
                    screen(status));
        }
        // Of what was before it began anew it knows nothing: that stays as it was heard.
        String old = CliSamples.STATUS.replace(
                "\"agoMs\":5024000}],\n   \"sameVersion\"",
                "\"agoMs\":5024000},{\"from\":\"INIT\",\"to\":\"MASTER\",\"term\":1,\"agoMs\":9000000}],\n   \"sameVersion\"");
        assertNotEquals(CliSamples.STATUS, old);
        assertTrue(screen(old).contains("""
                peer changes MASTER -> BACKUP, term 3, 1 h 23 min ago: a higher term
                             INIT -> MASTER, term 1, 2 h 30 min ago
                """), screen(old));
    }

    @Test
    void shouldNotTakeTheBeginningOfARestartedPeerForAChange() {
        String heard = "\"changes\":[{\"from\":\"MASTER\",\"to\":\"BACKUP\",\"term\":3,\"agoMs\":5024000}]";
        String told =
                "\"transitions\":[{\"from\":\"MASTER\",\"to\":\"BACKUP\",\"term\":3,\"reason\":\"a higher term\",\"agoMs\":5024000}]";
        String status = CliSamples.STATUS
                .replace(heard, "\"changes\":[{\"from\":\"MASTER\",\"to\":\"BACKUP\",\"term\":4,\"agoMs\":20000}]")
                .replace(
                        told,
                        "\"transitions\":[{\"from\":\"INIT\",\"to\":\"BACKUP\",\"term\":3,\"reason\":\"started\",\"agoMs\":20500}]");
        assertFalse(screen(status).contains("MASTER -> BACKUP, term 4"), screen(status));
        assertTrue(screen(status).contains("peer changes INIT -> BACKUP, term 3, 21 s ago: started\n"), screen(status));
    }

    @Test
    void shouldListFlowsAsConntrackDoes() {
        CliFlows flows = new CliFlows(
                List.of(
                        new CliFlows.Flow(
                                "ipv4",
                                "tcp",
                                6,
                                431999,
                                "ESTABLISHED",
                                new CliFlows.Tuple("10.0.0.2", "192.0.2.7", 40000, 21, null, null, null),
                                new CliFlows.Tuple("192.0.2.7", "198.51.100.1", 21, 40000, null, null, null),
                                List.of("SEEN_REPLY", "ASSURED"),
                                7,
                                0,
                                "ftp"),
                        new CliFlows.Flow(
                                "ipv6",
                                "icmpv6",
                                58,
                                29,
                                null,
                                new CliFlows.Tuple("2001:db8::1", "2001:db8::2", null, null, 128, 0, 77),
                                new CliFlows.Tuple("2001:db8::2", "2001:db8::1", null, null, 129, 0, 77),
                                List.of(),
                                0,
                                5,
                                null)),
                true,
                null);
        assertEquals("""
                tcp      6 431999 ESTABLISHED src=10.0.0.2 dst=192.0.2.7 sport=40000 dport=21 \
                src=192.0.2.7 dst=198.51.100.1 sport=21 dport=40000 [ASSURED] mark=7 helper=ftp
                icmpv6   58 29 src=2001:db8::1 dst=2001:db8::2 type=128 code=0 id=77 [UNREPLIED] \
                src=2001:db8::2 dst=2001:db8::1 type=129 code=0 id=77 mark=0 zone=5
                """, flows.text(false));
        String extended = flows.text(true);
        assertTrue(extended.startsWith("ipv4      2 tcp      6 431999 ESTABLISHED src="), extended);
        assertTrue(extended.contains("\nipv6     10 icmpv6   58 29 src="), extended);
        assertEquals(flows, Json.read(Json.text(flows), CliFlows.class));
    }

    @Test
    void shouldShowACountdownOnlyWhereThereIsOneAndWhetherItWasVetoed() {
        String vetoed = CliSamples.STATUS.replace("\"vetoed\":false", "\"vetoed\":true");
        String screen = CliStatusText.render(Json.read(vetoed, CliStatus.class));
        assertTrue(screen.contains("\nCOUNTDOWN    vetoed: no takeover until an active node is heard"), screen);
        String none = CliSamples.STATUS.replaceAll("\"countdown\":\\{[^}]*}", "\"countdown\":null");
        screen = CliStatusText.render(Json.read(none, CliStatus.class));
        assertFalse(screen.contains("COUNTDOWN"), screen);
    }

    @Test
    void shouldTellErrorsWarningsAndNotesApartByTheExitCode() {
        assertEquals(ExitCode.OK, CliDoctor.exitCode(diagnosis(0, 0, 3)));
        assertEquals(ExitCode.WARNED, CliDoctor.exitCode(diagnosis(0, 1, 0)));
        assertEquals(ExitCode.REFUSED, CliDoctor.exitCode(diagnosis(2, 1, 0)));
    }

    private static Diagnosis diagnosis(int errors, int warnings, int notes) {
        return new Diagnosis("fw-a", "0.1.0", "6.12", "3fa2c17be09d", true, errors, warnings, notes, List.of());
    }

    @Test
    void shouldWriteDurationsInTwoUnits() {
        assertEquals("999 ms", CliStatusText.duration(999));
        assertEquals("59 s", CliStatusText.duration(59_999));
        assertEquals("1 min 0 s", CliStatusText.duration(60_000));
        assertEquals("2 d 3 h", CliStatusText.duration((51 * 3600 + 59) * 1000L));
    }

    @Test
    void shouldShowEachStageAndWhatWasRepaired() {
        assertEquals("""
                equal for 12 s, 1,000 flows, 3 refused

                stage              compared   differing         ago       equal for    repaired
                kernel-table          1,000           0      800 ms            12 s           3
                table-mirror          1,000           0         4 s       1 min 5 s           0
                mirror-kernel       unknown           -           -               -           -

                repaired
                  5 s ago, mirror-kernel: 1,200 flows deleted in the kernel by another program
                """, CliSamples.verify(true, true).text());
        assertEquals(
                CliSamples.verify(false, true), Json.read(Json.text(CliSamples.verify(false, true)), CliVerify.class));
    }
}
