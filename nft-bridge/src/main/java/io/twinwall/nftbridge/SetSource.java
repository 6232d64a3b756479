/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftDump;
import io.twinwall.netlink.NftElem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One set on the active: this kernel is right. What a look finds changed goes to the peer, and after it what the copy comes
 * to; a peer that finds its own different asks for the whole. One thread.
 */
final class SetSource {
    /** Heap for about a hundred bytes each. */
    static final int ELEMENTS_MAX = 131_072;

    private static final long DIGEST_EVERY_MS = 2_000;
    private static final long PEER_SILENT_MS = 10_000;
    private static final long STUCK_MS = 2_000;

    private final SetView view;
    private final SetCodec codec;
    private final SetCounters counters;
    private final SetTable table = new SetTable();
    private final Deque<SetChange> changes = new ArrayDeque<>();
    private boolean known;
    private int look;
    private boolean full;
    private boolean wanted;
    private int sendingRound;
    private int round;
    private boolean digestDue;
    private long digestMs;
    private int peerElements = -1;
    private int peerDiffering;
    private String peerProblem = "";
    private long peerMs;
    private long movedMs;

    SetSource(SetView view, SetCodec codec, SetCounters counters, int firstRound) {
        this.view = view;
        this.codec = codec;
        this.counters = counters;
        round = firstRound;
    }

    /** The peer asks for the whole. */
    void wanted() {
        wanted = true;
    }

    void peer(int elements, int differing, String problem, long nowMs) {
        peerElements = elements;
        peerDiffering = differing;
        peerProblem = problem;
        peerMs = nowMs;
    }

    /** Looks at the kernel when it is time; true when it did. */
    boolean look(long nowMs) {
        if (!view.due(nowMs) || ((!changes.isEmpty() || sendingRound != 0) && nowMs - movedMs < STUCK_MS)) {
            return false;
        }
        // Nobody takes them: who comes later finds by the digest that it needs the whole.
        changes.clear();
        sendingRound = 0;
        if (!view.find()) {
            // Perhaps the ruleset is being loaded anew. The peer keeps what it has.
            view.looked(nowMs, 0);
            return false;
        }
        look++;
        full = false;
        NftDump dump = view.read(element -> seen(element, nowMs), nowMs);
        counters.malformed.add(dump.malformed());
        if (dump.result().ok()) {
            // What packets change while it is told in pieces may be passed over once; intervals they do not change.
            unseen(nowMs, dump.messages() <= 1 || view.info().has(NftConst.NFT_SET_INTERVAL));
            if (!known) {
                // What the peer has is not known either: the digest tells.
                known = true;
                changes.clear();
            }
            digestDue |= !changes.isEmpty();
            movedMs = nowMs;
        } else if (dump.result().errno() == Errno.EINTR) {
            view.touched();
        }
        return true;
    }

    private void seen(NftElem element, long nowMs) {
        long timeoutMs = SetKernel.timeoutMs(element, view.info());
        SetEntry entry = table.find(element);
        if (entry == null) {
            begin(element, timeoutMs, nowMs);
            return;
        }
        entry.seen = look;
        entry.noted = 0;
        boolean same = element.attrsEqual(entry.attrs) && SetTimes.sameTimeout(timeoutMs, entry.timeoutMs);
        long deadlineMs = SetEntry.deadline(element.leftMs(), nowMs);
        if (!same || SetTimes.differs(deadlineMs, entry.deadlineMs, timeoutMs)) {
            table.change(entry, changed -> {
                changed.take(element, timeoutMs, nowMs);
                changed.stamp = changed.deadlineMs;
            });
            changes.add(new SetChange(same ? SetChange.Kind.PUT : SetChange.Kind.REPLACE, entry));
        } else {
            element.copyExprs(entry.exprs);
        }
    }

    private void begin(NftElem element, long timeoutMs, long nowMs) {
        if (table.size() >= ELEMENTS_MAX) {
            full = true;
            return;
        }
        SetEntry entry = SetEntry.of(element, timeoutMs, nowMs);
        entry.stamp = entry.deadlineMs;
        entry.seen = look;
        if (!codec.fits(entry)) {
            counters.malformed.increment();
            return;
        }
        table.add(entry);
        changes.add(new SetChange(SetChange.Kind.PUT, entry));
    }

    private void unseen(long nowMs, boolean snapshot) {
        List<SetEntry> gone = new ArrayList<>();
        table.forEach(entry -> {
            if (entry.seen == look) {
                return;
            }
            entry.noted++;
            if (snapshot || entry.noted > 1 || !entry.alive(nowMs)) {
                gone.add(entry);
            }
        });
        for (SetEntry entry : gone) {
            table.remove(entry);
            changes.add(new SetChange(SetChange.Kind.REMOVE, entry));
        }
    }

    /** The next message for the peer, or null. */
    byte[] next(long nowMs) {
        if (!known) {
            return null;
        }
        if (changes.isEmpty() && wanted && sendingRound == 0) {
            wanted = false;
            sendingRound = ++round;
            counters.wholes.increment();
            table.forEach(entry -> changes.add(new SetChange(SetChange.Kind.PUT, entry)));
            digestDue = true;
        }
        if (!changes.isEmpty()) {
            movedMs = nowMs;
            int before = changes.size();
            byte[] message = codec.elements(view.name.id(), sendingRound, changes, nowMs);
            counters.sent.add(before - changes.size());
            return message;
        }
        if (digestDue || nowMs - digestMs >= DIGEST_EVERY_MS) {
            digestDue = false;
            digestMs = nowMs;
            int ended = sendingRound;
            sendingRound = 0;
            return codec.digest(view.name.id(), ended, table, view.info());
        }
        return null;
    }

    int elements() {
        return table.size();
    }

    int differing(long nowMs) {
        boolean heard = peerElements >= 0 && nowMs - peerMs < PEER_SILENT_MS;
        return heard ? Math.max(peerDiffering, Math.abs(table.size() - peerElements)) : -1;
    }

    String problem(long nowMs) {
        if (!view.problem().isEmpty()) {
            return view.problem();
        }
        if (full) {
            return "more than " + ELEMENTS_MAX + " elements: the rest is not mirrored";
        }
        return differing(nowMs) < 0 || peerProblem.isEmpty() ? "" : "peer: " + peerProblem;
    }
}
