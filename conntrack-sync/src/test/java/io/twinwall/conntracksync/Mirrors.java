/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowTable;

/** A mirror beside a kernel that takes everything. */
final class Mirrors {
    private Mirrors() {}

    static Mirror over(FlowTable table, int bucketBits, FrameSender sender, Counters counters) {
        QuickKernel kernel = new QuickKernel();
        Injector injector =
                new Injector(table, kernel.injections(), SimNode.memory(Injector.bufferBytes()), () -> 0, counters);
        Proof proof = new Proof(() -> 0, counters);
        EntryApplier applier = new EntryApplier(table, FlowFilter.NONE_OWN, counters);
        DumpSocket dumps = new DumpSocket(kernel::dumps, SimNode.memory(DumpSocket.requestBytes()), () -> {});
        MirrorAudit audit = new MirrorAudit(table, applier, dumps, injector, proof, () -> 0, counters);
        return new Mirror(
                table,
                new SyncConfig(table.flowsMax(), bucketBits, 0),
                injector,
                new KernelGuard(table, audit, injector, proof, () -> 0, counters),
                Expectations.off(),
                sender,
                proof,
                new Verification(() -> 0, complete -> proof.snapshot(0, 0, complete)),
                counters);
    }
}
