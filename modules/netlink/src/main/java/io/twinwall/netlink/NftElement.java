/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/** A live set element as the kernel tells it: its key in hex digits; {@code timeoutMs} and {@code leftMs} are -1 for one that never expires. */
public record NftElement(String keyHex, long timeoutMs, long leftMs) {}
