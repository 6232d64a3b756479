/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftData;
import java.util.Arrays;
import java.util.Optional;

/** The registers of nf_tables while one rule is read, each byte known or not. */
final class Registers {
    private static final int BYTES = 64;
    private static final int WORD = 4;

    private final byte[] bytes = new byte[BYTES];
    private final boolean[] known = new boolean[BYTES];

    /** Loads {@code value} at {@code register}, the rest of its last word zero, as the kernel does; or what is not known. */
    void put(int register, Optional<NftData> value, int length) {
        if (register < 0) {
            return;
        }
        int end = Math.min(BYTES, register + (length + WORD - 1) / WORD * WORD);
        for (int i = register; i < end; i++) {
            int at = i - register;
            known[i] = value.isPresent();
            bytes[i] =
                    value.isPresent() && at < value.get().length() ? value.get().at(at) : 0;
        }
    }

    /** Something unknown was loaded somewhere. */
    void forget() {
        Arrays.fill(known, false);
    }

    /** What is there; nothing unless each byte is known. */
    Optional<NftData> get(int register, int length) {
        if (register < 0 || register + length > BYTES) {
            return Optional.empty();
        }
        for (int i = register; i < register + length; i++) {
            if (!known[i]) {
                return Optional.empty();
            }
        }
        return Optional.of(NftData.of(Arrays.copyOfRange(bytes, register, register + length)));
    }
}
