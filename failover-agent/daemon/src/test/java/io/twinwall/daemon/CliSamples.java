/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.List;

/** Answers of a daemon, for the tests of the command line. */
final class CliSamples {
    static final String STATUS = """
            {"node":"fw-a","role":"MASTER","roleSinceMs":5025000,"term":3,"configuredRole":"master","priority":100,
             "readiness":"READY","maintenance":false,
             "health":{"priority":80,"penalty":20,"fault":"","detail":"resolver","reach":"ANSWERED"},
             "failBack":{"policy":"priority","delayS":60},
             "peer":{"name":"fw-b","state":"ALIVE","role":"BACKUP","term":3,"readiness":"READY","heardMsAgo":12,"hearsMe":true,"lastRole":"BACKUP"},
             "paths":[{"name":"sync","kind":"UDP","state":"HEARD","heardMsAgo":12,"problem":""},
                      {"name":"wire","kind":"SERIAL","state":"NEVER_HEARD","heardMsAgo":-1,"problem":"no such line"}],
             "sync":{"mode":"ACTIVE","flows":1000,"dirty":0,"lagDeltas":0,"lagMs":0,"bucketsDiffering":0,"resyncProgress":1.0,"lossWindows":0,"lossWindowMs":0,"expectations":0},
             "lease":{"mode":"when-peer-ready","armed":true,"gateOpen":true},
             "vips":[{"address":"10.10.0.254/24","interface":"lan0","held":true},
                     {"address":"2001:db8:1::254/64","interface":"lan0","held":true}],
             "trackers":[{"name":"resolver","kind":"PROCESS","state":"DOWN","weight":"20","detail":"no process 812","sinceMs":61000}],
             "lastTakeover":{"reason":"peer dead","planned":false,"term":3,"decidedNanoTime":123,"detectMs":171.2,
                "phases":{"hooksMs":0.0,"drainMs":0.3,"sourceMs":0.4,"gateMs":0.1,"vipsMs":1.0,"announceMs":0.2,"timeoutsMs":7.5,"totalMs":2.0},
                "flows":{"mirrored":1000,"installed":1000,"refused":0}},
             "transitions":[{"from":"BACKUP","to":"MASTER","term":3,"reason":"peer dead","agoMs":5025000},
                            {"from":"INIT","to":"BACKUP","term":2,"reason":"started","agoMs":9000000}],
             "hooks":[{"command":"/etc/twinwall/hooks/mail","on":["master"],"before":false,"running":false,"role":"MASTER","outcome":"exit status 3","ok":false,"tookMs":40,"endedMsAgo":5024000}],
             "alarms":[{"code":"STEP_FAILED","text":"VIPS: no wan0","agoMs":5000,"active":true},
                       {"code":"LATE","text":"late by 200 ms","agoMs":900000,"active":false}],
             "keys":{"sendId":2,"accepted":[2,1],"peerSendId":1,"rolling":true},
             "counters":{"events_total":70000},
             "sets":[{"set":"inet filter bans","side":"SOURCE","elements":1204,"differing":0,"sinceMs":61000,"problem":""},
                     {"set":"inet filter limits","side":"SOURCE","elements":7,"differing":7,"sinceMs":900,"problem":"peer: set inet filter limits is not in this kernel"}]}
            """;

    private CliSamples() {}

    /** The node's {@code role}, its peer's, and the term. */
    static String status(String role, String peerRole, int term) {
        return STATUS.replace("\"role\":\"MASTER\"", "\"role\":\"" + role + "\"")
                .replace("\"role\":\"BACKUP\",\"term\":3", "\"role\":\"" + peerRole + "\",\"term\":3")
                .replace("\"term\":3", "\"term\":" + term);
    }

    static CliVerify verify(boolean equal, boolean complete) {
        return new CliVerify(
                "fw-a",
                "MASTER",
                equal,
                equal ? 12_345 : 0,
                complete,
                1000,
                3,
                List.of(
                        new CliVerify.Stage("kernel-table", "source", 1000L, 0L, 800L, 12_345L, 3L),
                        new CliVerify.Stage("table-mirror", "mirror", 1000L, equal ? 0L : 2L, 4_000L, 65_000L, 0L),
                        new CliVerify.Stage("mirror-kernel", "mirror", null, null, null, null, null)),
                List.of(new CliVerify.Repair(
                        5_000, "mirror-kernel", 1200, "deleted in the kernel by another program")));
    }
}
