/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.engine.HeldFlows;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.NlTransport;
import io.twinwall.netlink.ScriptedKernel;
import io.twinwall.wire.PayloadReader;
import org.agrona.DirectBuffer;

/** A mirror over a table, which is told what a source would say. Its kernel is never asked, its reports go nowhere. */
final class LoneMirror {
    private static final long NOW_NS = HeldFlows.NOW_MS * 1_000_000;
    private static final NanoClock CLOCK = () -> NOW_NS;

    private final Mirror mirror;
    private final PayloadReader reader;
    private long frames;

    LoneMirror(HeldFlows held) {
        FlowTable table = held.table();
        Counters counters = new Counters();
        ScriptedKernel kernel = new ScriptedKernel();
        NlTransport transport = kernel.connect(NlConst.NETLINK_NETFILTER);
        Injector injector = new Injector(table, transport, held.memory().map(Injector.bufferBytes()), CLOCK, counters);
        Proof proof = new Proof(CLOCK, counters);
        EntryApplier applier = new EntryApplier(table, FlowFilter.NONE_OWN, counters);
        DumpSocket dumps = new DumpSocket(() -> transport, held.memory().map(DumpSocket.requestBytes()), () -> {});
        MirrorAudit audit = new MirrorAudit(table, applier, dumps, injector, proof, CLOCK, counters);
        mirror = new Mirror(
                table,
                new SyncConfig(table.flowsMax(), SyncConfig.DEFAULT_BUCKET_BITS, HeldFlows.HASH_SEED),
                injector,
                new KernelGuard(table, audit, injector, proof, CLOCK, counters),
                Expectations.off(),
                new FrameSender(new NoLink(), counters),
                proof,
                new Verification(CLOCK, complete -> proof.snapshot(0, 0, complete)),
                counters);
        reader = new PayloadReader(counters);
    }

    /** The next frame's payload, opened. False when it was malformed. */
    boolean hear(DirectBuffer payload, int offset, int length) {
        frames++;
        mirror.onFrame(frames, 0, NOW_NS);
        return reader.read(payload, offset, length, mirror);
    }

    /** Whether the last round found no bucket that differs. */
    boolean equal() {
        return mirror.equal();
    }
}
