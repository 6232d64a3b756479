/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/** How a dump ended: in how many messages the elements came, and how many elements in them did not add up and were left out. */
public record NftDump(NftResult result, int messages, int malformed) {}
