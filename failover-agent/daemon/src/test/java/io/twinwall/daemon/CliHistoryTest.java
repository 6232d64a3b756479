/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.admin.Json;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;

class CliHistoryTest {
    private static final ZonedDateTime NOW = ZonedDateTime.of(2026, 11, 21, 15, 0, 0, 0, ZoneOffset.UTC);
    private static final long AT_MS = 1_795_269_787_123L;

    private static final String TRANSITION = """
            {"number":42,"atMs":1795269787123,"kind":"transition","record":{"from":"BACKUP","to":"MASTER","term":8,
             "reason":"no heartbeat from fw-a for 171 ms","evidence":{"event":"Tick",
              "paths":[{"name":"sync","up":true,"heard":1204,"missed":4,"arrivalsAgoMs":[171.300,211.300]},
                       {"name":"lan","up":false,"heard":0,"missed":1208,"arrivalsAgoMs":[]}],
              "peers":[{"name":"fw-a","alive":false,"role":"MASTER","term":7,"readiness":"READY","priority":100,
                "hearsThis":true,"gateOpen":true,"alone":false,"heardAgoMs":171.300,"masterHeardAgoMs":171.300,"goneAgoMs":null}],
              "lateness":{"totalMs":12.400,"holds":1,"holdMs":0.000,"stalls":[{"agoMs":90.000,"lateMs":12.400}]},
              "probes":{"vipsAskedAgoMs":131.000,"vipsAnsweredAgoMs":null,"reachAskedAgoMs":130.900,"reachAnsweredAgoMs":120.000},
              "health":{"priority":100,"penalty":0,"fault":"","down":"","reach":"ANSWERED"},
              "trackers":[{"name":"gateway","state":"UP","sinceMs":61000.000,"detail":"answered"}],
              "copy":{"readiness":"READY","equal":true,"lagDeltas":0,"lagMs":0.000,"refused":0},
              "gate":{"open":false,"armed":false}}}}""";

    private static final String TAKEOVER = """
            {"number":43,"atMs":1795269787133,"kind":"takeover","record":{"reason":"no heartbeat","planned":false,"ready":true,
             "term":8,"detectMs":171.300,"totalMs":2.000,"sinceDecidedMs":10.000,
             "phases":[{"name":"DRAIN","tookMs":0.300,"ok":true,"detail":""},{"name":"VIPS","tookMs":1.000,"ok":false,"detail":"no wan0"}],
             "mirrored":1000,"installed":999,"refused":1}}""";

    @Test
    void shouldListOneLineForEachRecord() {
        String json = """
                {"records":[
                 {"number":1,"atMs":1795269000000,"kind":"started","record":{"node":"fw-b","version":"0.1.0","pid":812}},
                 {"number":2,"atMs":1795269000001,"kind":"configuration","record":{"digest":"0123456789abcdef","parts":[],"problem":"","toml":"x"}},
                 {"number":3,"atMs":1795269000002,"kind":"configuration","record":{"digest":"1123456789abcdef","parts":["hook","track"],"problem":"no wan0","toml":"x"}},
                 {"number":4,"atMs":1795269000003,"kind":"loss-window","record":{"lengthMs":1200.500,"flowsRepaired":17}},
                 {"number":5,"atMs":1795269000004,"kind":"alarm","record":{"code":"PEER_LOST","text":"fw-a is not heard any more"}},
                 {"number":6,"atMs":1795269000005,"kind":"order","record":{"accepted":false,"reason":"not ready"}},
                 {"number":7,"atMs":1795269000006,"kind":"gap","record":{"lengthMs":5000.000,"dropped":3,"reason":"No space left on device"}},
                 {"number":8,"atMs":1795269000007,"kind":"kind-99","record":{"of":"a later version"}},
                 %s,
                 %s,
                 {"number":44,"atMs":1795269800000,"kind":"stopped","record":{"orderly":true,"reason":""}}],"more":true}
                """.formatted(TRANSITION, TAKEOVER);
        assertEquals("""
                there are older ones: --limit, --since, --before
                     1  2026-11-21 13:50:00.000  started        fw-b started, process 812
                     2  2026-11-21 13:50:00.001  configuration  configuration 0123456789abcdef, at the start
                     3  2026-11-21 13:50:00.002  configuration  configuration 1123456789abcdef, changed: hook, track, but not all of it: no wan0
                     4  2026-11-21 13:50:00.003  loss-window    kernel events were lost for 1200.5 ms; 17 flows repaired
                     5  2026-11-21 13:50:00.004  alarm          PEER_LOST: fw-a is not heard any more
                     6  2026-11-21 13:50:00.005  order          the operator's request is refused: not ready
                     7  2026-11-21 13:50:00.006  gap            nothing was written for 5.0 s, 3 records are lost: No space left on device
                     8  2026-11-21 13:50:00.007  kind-99        {"of":"a later version"}
                    42  2026-11-21 14:03:07.123  transition     BACKUP -> MASTER, term 8: no heartbeat from fw-a for 171 ms
                    43  2026-11-21 14:03:07.133  takeover       took over in 2.0 ms, term 8; 1,000 flows mirrored, 999 installed, 1 refused
                    44  2026-11-21 14:03:20.000  stopped        stopped in order
                """, Json.read(json, CliHistory.class).text(NOW));
        assertEquals(
                "no records\n", Json.read("{\"records\":[]}", CliHistory.class).text(NOW));
    }

    @Test
    void shouldTellTheStoryOfATakeoverInMilliseconds() {
        String json = "{\"record\":" + TRANSITION + ",\"around\":[" + alarm(41, AT_MS - 40_000) + "," + TRANSITION + ","
                + TAKEOVER + "," + alarm(44, AT_MS + 20) + "]}";
        assertEquals("""
                record 42, transition, 2026-11-21 14:03:07.123
                BACKUP -> MASTER, term 8: no heartbeat from fw-a for 171 ms

                          ms
                      -211.3  heartbeat heard by sync
                      -171.3  heartbeat heard by sync
                      -131.0  asked who has the virtual addresses
                      -130.9  asked the test addresses
                      -120.0  a test address answered
                       -90.0  this node was late by 12.4 ms
                         0.0  #42 BACKUP -> MASTER, term 8: no heartbeat from fw-a for 171 ms
                         0.3  takeover: DRAIN after 0.3 ms
                         1.3  takeover: VIPS after 1.0 ms FAILED: no wan0
                        10.0  #43 took over in 2.0 ms, term 8; 1,000 flows mirrored, 999 installed, 1 refused
                        20.0  #44 LATE: late

                path         sync: 1,204 heartbeats heard, 4 missed, the last 171.3 ms before
                path         lan: 0 heartbeats heard, 1,208 missed, DOWN
                peer         fw-a: LOST, last heard 171.3 ms before as MASTER, term 7, READY, priority 100, heard this node, gate open
                copy         READY, equal, 0 deltas and 0.0 ms behind, 0 refused
                gate         closed
                health       priority 100
                reach        ANSWERED
                track        gateway: UP for 1 min 1 s, answered
                lateness     12.4 ms since the start
                last straw   Tick
                """, Json.read(json, CliStory.class).text(NOW));
    }

    private static String alarm(long number, long atMs) {
        return "{\"number\":" + number + ",\"atMs\":" + atMs
                + ",\"kind\":\"alarm\",\"record\":{\"code\":\"LATE\",\"text\":\"late\"}}";
    }
}
