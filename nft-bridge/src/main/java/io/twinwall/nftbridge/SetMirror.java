/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.netlink.NftDump;
import io.twinwall.netlink.NftElem;
import io.twinwall.netlink.NftSetInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One set on the passive: the copy of the active's is right, and this kernel's is made like it. Until the first whole set
 * has come nothing is known, and nothing is touched. One thread.
 */
final class SetMirror {
    private static final long ASK_AGAIN_MS = 1_000;
    private static final long TELL_EVERY_MS = 2_000;
    private static final long TELL_NEWS_MS = 200;
    private static final long REFUSED_AGAIN_MS = 10_000;

    private final SetView view;
    private final SetKernel kernel;
    private final SetCodec codec;
    private final SetCounters counters;
    private final Map<SetEntry, SetChange.Kind> pending = new LinkedHashMap<>();
    private SetTable table = new SetTable();
    private boolean known;
    private SetTable collecting;
    private int collectingRound;
    private long collectedMs;
    /** Nothing is known at first: ask at once. */
    private boolean asked = true;

    private long askedMs;
    private long toldMs;
    private int toldElements;
    private int toldDiffering;
    private String toldProblem = "";
    private int look;
    private int differing;
    private Set<SetEntry> refused = Set.of();
    private int notTaken;
    private long refusedMs;
    private boolean updates = true;
    private String unlike = "";
    private String refusal = "";

    SetMirror(SetView view, SetKernel kernel, SetCodec codec, SetCounters counters, long nowMs) {
        this.view = view;
        this.kernel = kernel;
        this.codec = codec;
        this.counters = counters;
        askedMs = nowMs;
        toldMs = nowMs - TELL_EVERY_MS;
    }

    void element(int round, SetChange change, long leftMs, long nowMs) {
        SetEntry told = change.entry();
        told.deadlineMs = told.timeoutMs == 0 ? SetEntry.NEVER : SetEntry.deadline(leftMs, nowMs);
        if (round == 0) {
            if (known) {
                change(change, nowMs);
            }
            return;
        }
        if (collecting == null || collectingRound != round) {
            collecting = new SetTable();
            collectingRound = round;
        }
        collectedMs = nowMs;
        if (collecting.find(told) == null && collecting.size() < SetSource.ELEMENTS_MAX) {
            collecting.add(told);
        }
    }

    private void change(SetChange change, long nowMs) {
        SetEntry told = change.entry();
        SetEntry entry = table.find(told);
        if (change.kind() == SetChange.Kind.REMOVE) {
            if (entry != null) {
                table.remove(entry);
            }
            if (entry == null || entry.alive(nowMs)) {
                pending.put(told, SetChange.Kind.REMOVE);
            } else {
                // It has run out here too.
                pending.remove(told);
            }
            return;
        }
        if (entry != null) {
            table.remove(entry);
        } else if (table.size() >= SetSource.ELEMENTS_MAX) {
            return;
        }
        table.add(told);
        SetChange.Kind before = pending.remove(told);
        boolean replace = change.kind() == SetChange.Kind.REPLACE
                || before == SetChange.Kind.REPLACE
                || before == SetChange.Kind.REMOVE;
        pending.put(told, replace ? SetChange.Kind.REPLACE : SetChange.Kind.PUT);
    }

    void digest(int round, int elements, long digest, NftSetInfo info, long nowMs) {
        unlike = view.info() == null ? "" : view.unlike(info);
        if (round != 0) {
            SetTable whole = collecting != null && collectingRound == round ? collecting : new SetTable();
            collecting = null;
            if (whole.size() == elements && whole.digest() == digest) {
                table = whole;
                known = true;
                pending.clear();
                view.touched();
                return;
            }
        } else if (known && table.size() == elements && table.digest() == digest) {
            return;
        }
        boolean underWay = collecting != null && nowMs - collectedMs < ASK_AGAIN_MS;
        if (!underWay && nowMs - askedMs >= ASK_AGAIN_MS) {
            asked = true;
            askedMs = nowMs;
        }
    }

    /** Puts what came into the kernel. */
    void flush(long nowMs) {
        if (pending.isEmpty()) {
            return;
        }
        if (view.info() == null || !view.problem().isEmpty() || !unlike.isEmpty()) {
            // The look that finds the set writable compares all; kept, the removals would pile up until then.
            pending.clear();
            return;
        }
        List<SetChange> changes = new ArrayList<>();
        pending.forEach((entry, kind) -> {
            if (kind == SetChange.Kind.REMOVE || entry.alive(nowMs)) {
                // A kernel that cannot change the time of an element gets it anew.
                boolean anew = !updates && kind == SetChange.Kind.PUT;
                changes.add(new SetChange(anew ? SetChange.Kind.REPLACE : kind, entry));
            }
        });
        pending.clear();
        write(changes, nowMs);
    }

    /** Looks at the kernel when it is time and makes it like the copy; true when it did. */
    boolean look(long nowMs) {
        if (!view.due(nowMs)) {
            return false;
        }
        if (!view.find() || !known || !unlike.isEmpty()) {
            view.looked(nowMs, 0);
            return false;
        }
        pending.clear();
        look++;
        List<SetChange> changes = new ArrayList<>();
        NftDump dump = view.read(element -> compare(element, changes, nowMs), nowMs);
        counters.malformed.add(dump.malformed());
        if (!dump.result().ok()) {
            view.touched();
            return true;
        }
        table.forEach(entry -> {
            if (entry.seen != look && entry.alive(nowMs)) {
                changes.add(new SetChange(SetChange.Kind.PUT, entry));
            }
        });
        if (nowMs - refusedMs >= REFUSED_AGAIN_MS) {
            refused = Set.of();
        }
        int differ = changes.size();
        changes.removeIf(change -> refused.contains(change.entry()));
        int left = differ - changes.size();
        write(changes, nowMs);
        differing = left + (changes.isEmpty() ? 0 : notTaken);
        refusal = differing == 0 ? "" : refusal;
        return true;
    }

    private void compare(NftElem element, List<SetChange> changes, long nowMs) {
        SetEntry entry = table.find(element);
        long timeoutMs = SetKernel.timeoutMs(element, view.info());
        if (entry == null) {
            counters.foreign.increment();
            changes.add(new SetChange(SetChange.Kind.REMOVE, SetEntry.of(element, timeoutMs, nowMs)));
            return;
        }
        entry.seen = look;
        if (!element.attrsEqual(entry.attrs) || !SetTimes.sameTimeout(timeoutMs, entry.timeoutMs)) {
            changes.add(new SetChange(SetChange.Kind.REPLACE, entry));
        } else if (entry.alive(nowMs)
                && SetTimes.differs(SetEntry.deadline(element.leftMs(), nowMs), entry.deadlineMs, timeoutMs)) {
            // Before Linux 6.12 the put of an element that is there leaves its time as it is.
            updates &= entry.noted == 0 || entry.noted != look - 1;
            entry.noted = look;
            changes.add(new SetChange(updates ? SetChange.Kind.PUT : SetChange.Kind.REPLACE, entry));
        }
    }

    private void write(List<SetChange> changes, long nowMs) {
        if (changes.isEmpty()) {
            return;
        }
        Set<SetEntry> not = kernel.write(view.name, view.info(), changes, nowMs);
        notTaken = not.size();
        if (!not.isEmpty()) {
            differing += notTaken;
            Set<SetEntry> all = new HashSet<>(refused);
            all.addAll(not);
            refused = all;
            refusal = kernel.refusal();
            refusedMs = nowMs;
        }
    }

    /** The next message for the peer, or null. */
    byte[] next(long nowMs) {
        if (asked) {
            asked = false;
            return codec.request(view.name.id());
        }
        String problem = known ? problem() : view.problem();
        boolean news = table.size() != toldElements || differing() != toldDiffering || !problem.equals(toldProblem);
        if (nowMs - toldMs >= (news ? TELL_NEWS_MS : TELL_EVERY_MS)) {
            toldMs = nowMs;
            toldElements = table.size();
            toldDiffering = differing();
            toldProblem = problem;
            // Of a copy that it does not have yet, all that the active has is missing.
            return codec.state(view.name.id(), known ? toldElements : 0, Math.max(0, toldDiffering), problem);
        }
        return null;
    }

    int elements() {
        return table.size();
    }

    int differing() {
        return known ? differing + pending.size() : -1;
    }

    String problem() {
        return !view.problem().isEmpty() ? view.problem() : !unlike.isEmpty() ? unlike : refusal;
    }
}
