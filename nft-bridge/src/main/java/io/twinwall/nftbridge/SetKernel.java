/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.NftBatch;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftDump;
import io.twinwall.netlink.NftElem;
import io.twinwall.netlink.NftElemPut;
import io.twinwall.netlink.NftResult;
import io.twinwall.netlink.NftSetInfo;
import io.twinwall.netlink.NftSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The sets in the kernel, read whole and written in transactions of bounded size. A transaction that is refused is tried
 * again in halves, so that one element the kernel will not have does not keep out the rest. One thread; of the network
 * namespace of the thread that opened it.
 */
final class SetKernel implements AutoCloseable {
    /** A list of what goes, and one of what comes. */
    private static final int BATCH_BYTES = 128 * 1024;

    /** A list of elements is one attribute, of 64 KiB at most. */
    private static final int LIST_BYTES_MAX = 48 * 1024;

    /** Each transaction waits for every packet under way: many of one element would take minutes. */
    private static final int REFUSALS_MAX = 32;

    private final NftSocket socket = NftSocket.open();
    private final NftBatch batch = new NftBatch(new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH_BYTES)));
    private final NftElem scratch = new NftElem();
    private final SetCounters counters;

    /** False once this kernel is known to be older than 6.3. */
    private boolean destroys = true;

    private NftSetInfo info;
    private SetName name;
    private long nowMs;
    private final Set<SetEntry> refused = new HashSet<>();
    private NftResult refusal = NftResult.done();

    SetKernel(SetCounters counters) {
        this.counters = counters;
    }

    int portId() {
        return socket.portId();
    }

    /** What the kernel has by that name; ENOENT when nothing. */
    NftResult info(SetName of, List<NftSetInfo> into) {
        return socket.set(of.nftTable(), of.name(), into);
    }

    /** As {@link NftSocket#elements}, with ranges as one element each. */
    NftDump read(SetName of, NftSetInfo as, NftElem.Handler handler) {
        if (!endIsElement(as)) {
            return socket.elements(of.nftTable(), of.name(), handler);
        }
        SetIntervals intervals = new SetIntervals();
        NftDump dump = socket.elements(of.nftTable(), of.name(), intervals::add);
        intervals.forEach(scratch, handler);
        return dump;
    }

    /** The timeout that counts for {@code element} in a set {@code as}; 0: none. */
    static long timeoutMs(NftElem element, NftSetInfo as) {
        return element.timeoutMs() >= 0 ? element.timeoutMs() : element.leftMs() >= 0 ? as.timeoutMs() : 0;
    }

    /** Makes {@code changes}, which hold each key once; returns the elements that the kernel refused. */
    Set<SetEntry> write(SetName to, NftSetInfo as, List<SetChange> changes, long atMs) {
        name = to;
        info = as;
        nowMs = atMs;
        refused.clear();
        refusal = NftResult.done();
        // What goes makes room for what comes: a range for another that overlaps it.
        List<SetChange> ordered = new ArrayList<>(changes.size());
        for (SetChange.Kind kind : List.of(SetChange.Kind.REMOVE, SetChange.Kind.REPLACE, SetChange.Kind.PUT)) {
            changes.stream().filter(change -> change.kind() == kind).forEach(ordered::add);
        }
        int from = 0;
        while (from < ordered.size()) {
            int end = partEnd(ordered, from);
            attempt(ordered.subList(from, end));
            from = end;
        }
        counters.refused.add(refused.size());
        return Set.copyOf(refused);
    }

    /** Why the last {@link #write} did not do all, in words; "" when it did. */
    String refusal() {
        if (refusal.ok()) {
            return "";
        }
        String said = refusal.extAck().isEmpty() ? "" : " (" + refusal.extAck() + ")";
        return "this kernel refuses " + refused.size() + " elements: " + Errno.name(refusal.errno()) + said;
    }

    @Override
    public void close() {
        socket.close();
    }

    private static boolean endIsElement(NftSetInfo as) {
        return as.has(NftConst.NFT_SET_INTERVAL) && !as.has(NftConst.NFT_SET_CONCAT);
    }

    private int partEnd(List<SetChange> changes, int from) {
        int bytes = 0;
        int at = from;
        while (at < changes.size()) {
            bytes += put(changes.get(at).entry(), true).bytesMax();
            if (bytes > LIST_BYTES_MAX && at > from) {
                break;
            }
            at++;
        }
        return at;
    }

    private void attempt(List<SetChange> part) {
        if (refused.size() >= REFUSALS_MAX) {
            part.forEach(change -> refused.add(change.entry()));
            return;
        }
        NftResult result = commit(part, true);
        boolean removes = part.stream().anyMatch(change -> change.kind() != SetChange.Kind.PUT);
        if (destroys && removes && (result.errno() == Errno.EINVAL || result.errno() == Errno.EOPNOTSUPP)) {
            destroys = false;
            result = commit(part, true);
        }
        if (result.ok()) {
            counters.applied.add(part.size());
        } else if (part.size() > 1) {
            attempt(part.subList(0, part.size() / 2));
            attempt(part.subList(part.size() / 2, part.size()));
        } else {
            one(part.getFirst(), result);
        }
    }

    private void one(SetChange change, NftResult first) {
        NftResult result = first;
        SetChange tried = change;
        if (result.errno() == Errno.ENOENT && change.kind() == SetChange.Kind.REMOVE) {
            return;
        }
        if (result.errno() == Errno.ENOENT && change.kind() == SetChange.Kind.REPLACE) {
            tried = new SetChange(SetChange.Kind.PUT, change.entry());
            result = commit(List.of(tried), true);
        } else if (result.errno() == Errno.EEXIST && change.kind() == SetChange.Kind.PUT) {
            tried = new SetChange(SetChange.Kind.REPLACE, change.entry());
            result = commit(List.of(tried), true);
        }
        if (!result.ok() && tried.entry().exprs.length > 0 && tried.kind() != SetChange.Kind.REMOVE) {
            result = commit(List.of(tried), false);
            counters.bare.add(result.ok() ? 1 : 0);
        }
        if (result.ok()) {
            counters.applied.increment();
        } else {
            refused.add(change.entry());
            refusal = refusal.ok() ? result : refusal;
        }
    }

    private NftResult commit(List<SetChange> part, boolean exprs) {
        List<NftElemPut> out = new ArrayList<>();
        List<NftElemPut> in = new ArrayList<>();
        for (SetChange change : part) {
            NftElemPut put = put(change.entry(), exprs);
            if (change.kind() != SetChange.Kind.PUT) {
                out.add(put);
            }
            if (change.kind() != SetChange.Kind.REMOVE) {
                in.add(put);
            }
        }
        socket.begin(batch);
        if (!out.isEmpty()) {
            batch.takeElements(name.nftTable(), name.name(), out, destroys);
        }
        if (!in.isEmpty()) {
            batch.putElements(name.nftTable(), name.name(), in);
        }
        return socket.commit(batch);
    }

    private NftElemPut put(SetEntry entry, boolean exprs) {
        long leftMs = entry.leftMs(nowMs);
        boolean times = info.has(NftConst.NFT_SET_TIMEOUT);
        return new NftElemPut(
                entry.key,
                entry.keyEnd,
                endIsElement(info),
                entry.attrs,
                exprs ? entry.exprs : SetEntry.EMPTY,
                times && !SetTimes.sameTimeout(entry.timeoutMs, info.timeoutMs()) ? entry.timeoutMs : -1,
                times && leftMs >= 0 && entry.timeoutMs > 0 ? Math.clamp(leftMs, 1, timeLimitMs(entry)) : -1);
    }

    /** The kernel refuses more than the timeout that it knows, with ERANGE. */
    private long timeLimitMs(SetEntry entry) {
        boolean own = !SetTimes.sameTimeout(entry.timeoutMs, info.timeoutMs());
        return Math.max(1, own ? entry.timeoutMs : info.timeoutMs());
    }
}
