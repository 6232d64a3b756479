/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftData;
import io.twinwall.netlink.NftExpr;
import io.twinwall.netlink.NftMember;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What is in a set or map.
 *
 * @param keyBytes of each key
 * @param intervals the elements are beginnings and ends of intervals
 * @param complete false when there is more than was read
 */
public record SetContent(int keyBytes, boolean intervals, List<NftMember> members, boolean complete) {
    private static final int WORD = 4;

    public SetContent {
        members = List.copyOf(members);
    }

    /** Whether a key is in the set, and in a map of verdicts, which is its. */
    record Found(Answer answer, Optional<NftExpr.Verdict> verdict) {}

    Found find(NftData key) {
        Optional<NftMember> member = intervals ? inIntervals(key) : inRanges(key);
        if (member.isEmpty()) {
            member = members.stream().filter(NftMember::catchAll).findFirst();
        }
        Answer answer = member.isPresent() ? Answer.YES : complete ? Answer.NO : Answer.PERHAPS;
        return new Found(answer, member.flatMap(NftMember::verdict));
    }

    /** The last beginning or end that is not above the key decides; of both at one place the beginning. */
    private Optional<NftMember> inIntervals(NftData key) {
        return members.stream()
                .filter(one -> !one.catchAll() && one.key().compareTo(key) <= 0)
                .max(Comparator.comparing(NftMember::key).thenComparing(one -> !one.endsInterval()))
                .filter(one -> !one.endsInterval());
    }

    /** In a concatenation each field has its range; ones that are longer than a word are taken word by word. */
    private Optional<NftMember> inRanges(NftData key) {
        return members.stream()
                .filter(one -> one.key().equals(key) || isWithin(one, key))
                .findFirst();
    }

    private static boolean isWithin(NftMember member, NftData key) {
        if (member.catchAll()
                || member.keyEnd().length() != key.length()
                || member.key().length() != key.length()) {
            return false;
        }
        for (int at = 0; at + WORD <= key.length(); at += WORD) {
            NftData word = key.slice(at, WORD);
            if (word.compareTo(member.key().slice(at, WORD)) < 0
                    || word.compareTo(member.keyEnd().slice(at, WORD)) > 0) {
                return false;
            }
        }
        return true;
    }
}
