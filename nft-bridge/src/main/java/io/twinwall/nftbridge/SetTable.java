/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.netlink.NftElem;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The elements of one set, found by key without making anything, with their number and digest. One thread. */
final class SetTable {
    private SetEntry[] buckets = new SetEntry[64];
    private int size;
    private long digest;

    int size() {
        return size;
    }

    long digest() {
        return digest;
    }

    SetEntry find(NftElem element) {
        SetEntry entry = buckets[index(SetEntry.hash(element))];
        while (entry != null && !entry.is(element)) {
            entry = entry.next;
        }
        return entry;
    }

    SetEntry find(SetEntry like) {
        SetEntry entry = buckets[index(like.hash)];
        while (entry != null && !entry.equals(like)) {
            entry = entry.next;
        }
        return entry;
    }

    /** Adds {@code entry}, whose key is not there. */
    void add(SetEntry entry) {
        if (size >= buckets.length) {
            grow();
        }
        link(entry);
        size++;
        digest += entry.digest();
    }

    /** Takes out {@code entry}, which is there. */
    void remove(SetEntry entry) {
        int index = index(entry.hash);
        SetEntry before = null;
        SetEntry at = buckets[index];
        while (!at.equals(entry)) {
            before = at;
            at = at.next;
        }
        if (before == null) {
            buckets[index] = at.next;
        } else {
            before.next = at.next;
        }
        size--;
        digest -= at.digest();
    }

    /** Changes {@code entry}, which is there, in anything but its key. */
    void change(SetEntry entry, Consumer<SetEntry> change) {
        digest -= entry.digest();
        change.accept(entry);
        digest += entry.digest();
    }

    List<SetEntry> all() {
        List<SetEntry> all = new ArrayList<>(size);
        forEach(all::add);
        return all;
    }

    void forEach(Consumer<SetEntry> consumer) {
        for (SetEntry first : buckets) {
            for (SetEntry entry = first; entry != null; entry = entry.next) {
                consumer.accept(entry);
            }
        }
    }

    private void grow() {
        List<SetEntry> all = all();
        buckets = new SetEntry[buckets.length * 2];
        all.forEach(this::link);
    }

    private void link(SetEntry entry) {
        int index = index(entry.hash);
        entry.next = buckets[index];
        buckets[index] = entry;
    }

    private int index(int hash) {
        return (int) SetHash.mix(hash) & (buckets.length - 1);
    }
}
