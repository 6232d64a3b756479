/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import java.util.Optional;

/**
 * An element of a set or map, for who asks whether a key is in it.
 *
 * @param key empty for the element of all keys that no other has
 * @param keyEnd the last key of a range in a concatenation, else empty
 * @param endsInterval {@code key} is the first that the interval before does not have
 * @param verdict of a map to verdicts
 */
public record NftMember(NftData key, NftData keyEnd, boolean endsInterval, Optional<NftExpr.Verdict> verdict) {
    static NftMember of(NftElem element) {
        return new NftMember(
                NftData.of(element.key()),
                NftData.of(element.keyEnd()),
                element.intervalEnd(),
                NftRulesetDecoder.verdictOf(element.attrs()));
    }

    public boolean catchAll() {
        return key.length() == 0;
    }
}
