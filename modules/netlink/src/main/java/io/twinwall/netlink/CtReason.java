/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/** Why {@link CtFlyweight} or {@link ExpFlyweight} refused a message; each is worth a counter of its own. */
public enum CtReason {
    /** Not refused. */
    OK,
    /** The bytes are no whole message: too few, or {@code nlmsg_len} differs from what is there. */
    TRUNCATED,
    /** A message of another netlink family, or of ctnetlink but not about an entry. */
    NOT_AN_ENTRY,
    /** An address family other than IPv4 and IPv6. */
    UNKNOWN_FAMILY,
    /** An attribute's length goes past what holds it, or is smaller than its own header. */
    LYING_LENGTH,
    /** An attribute's value is shorter than its type. */
    SHORT_VALUE,
    /** A tuple without one of its parts: an address of the message's family, the protocol, the protocol's key. */
    INCOMPLETE_TUPLE,
    /** Without its key (an entry's {@code CTA_TUPLE_ORIG}, an expectation's tuple, mask and master) it is nobody's. */
    NO_ORIG_TUPLE
}
