/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.netlink.NftElem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes ranges of what the kernel tells of a set of plain intervals: there the end of each is an element of its own, the
 * key behind the last, and ends may be missing (a range up to the last key) or alone (what nft puts before the first
 * range, or what is left when a range has expired and was not collected yet).
 */
final class SetIntervals {
    private record Half(SetEntry entry, boolean end, long timeoutMs, long leftMs) {
        byte[] key() {
            return entry.key;
        }
    }

    private final List<Half> halves = new ArrayList<>();

    void add(NftElem element) {
        SetEntry entry = SetEntry.of(element, 0, 0);
        halves.add(new Half(entry, element.intervalEnd(), element.timeoutMs(), element.leftMs()));
    }

    /** Hands the ranges over in the order of their keys. */
    void forEach(NftElem scratch, NftElem.Handler handler) {
        // Where one range ends another may begin: the end comes first.
        halves.sort((a, b) -> {
            int order = Arrays.compareUnsigned(a.key(), b.key());
            return order != 0 ? order : Boolean.compare(b.end, a.end);
        });
        for (int i = 0; i < halves.size(); i++) {
            Half start = halves.get(i);
            if (start.end) {
                continue;
            }
            boolean ended = i + 1 < halves.size() && halves.get(i + 1).end && start.key().length > 0;
            byte[] end = ended ? halves.get(i + 1).key() : SetEntry.EMPTY;
            scratch.load(start.key(), end, start.entry.attrs, start.entry.exprs, start.timeoutMs, start.leftMs);
            handler.onElement(scratch);
        }
    }
}
