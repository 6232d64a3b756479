/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/**
 * A set as the kernel has it. {@code dataBytes} and {@code dataType} are 0 where there is no data, {@code timeoutMs} is
 * the default of its elements and 0 for none.
 */
public record NftSetInfo(int flags, int keyType, int keyBytes, int dataType, int dataBytes, long timeoutMs) {
    public boolean has(int flag) {
        return (flags & flag) != 0;
    }
}
