/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

/**
 * What a table uses. Touched bytes are an upper bound of what is resident: slots and chunks once used stay so.
 *
 * @param slotsIpv4 slots of IPv4 flows in use, with dead ones and tombstones
 * @param slotsIpv6 the same of IPv6
 * @param chunks extension chunks in use
 * @param slotBytes bytes of slots touched
 * @param extensionBytes bytes of chunks touched
 * @param indexBytes size of the index
 */
public record MemoryStatistics(
        int slotsIpv4, int slotsIpv6, int chunks, long slotBytes, long extensionBytes, long indexBytes) {
    /** Slots, chunks and index together. */
    public long totalBytes() {
        return slotBytes + extensionBytes + indexBytes;
    }
}
