/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

/**
 * Layout of a slot: addresses below its <i>core</i>, everything else above, so that both families share the core's
 * offsets. A slot of IPv4 is two cache lines, of IPv6 three; what a look-up and the digest read is the first line.
 *
 * <pre>
 *  -16 / -64  orig src, orig dst, reply src, reply dst (4 or 16 bytes each, network byte order)
 *        0       1       2       3       4       5       6       7
 *    0   | orig sport    | orig dport    | reply sport   | reply dport   |
 *    8   | zone id       | l4proto|zonDir| status                        |
 *   16   | mark                          |tcp st.|wscaleO|wscaleR|flags O|
 *   24   |flags R|sctp st|   0   |   0   | sctp vtag orig                |
 *   32   | sctp vtag reply               |   0                           |
 *        +-- up to here content: what the digest covers -----------------
 *   40   | content hash, of the rare attributes too                      |
 *   48   | key hash                      | id                            |
 *   56   | first extension chunk         | next slot (dirty or free)     |
 *   64   | deadline ms                                                   |
 *   72   | deadline in the kernel, ms                                    |
 *   80   | start ns                                                      |
 *   88   | timeout seconds               | stamp (epoch)                 |
 *   96   | present attributes            | flags                         |
 *  104   | holds                         | attributes touched by events  |
 *  112
 * </pre>
 */
final class SlotLayout {
    static final int SPORT = 0;
    static final int REPLY_PORTS = 4;
    static final int ZONE = 8;
    static final int L4PROTO = 10;
    static final int ZONE_DIR = 11;
    static final int STATUS = 12;
    static final int MARK = 16;
    static final int TCP_STATE = 20;
    static final int TCP_FLAGS_REPLY = 24;
    static final int SCTP_STATE = 25;
    static final int SCTP_VTAG_ORIG = 28;
    static final int SCTP_VTAG_REPLY = 32;
    static final int CONTENT_HASH = 40;
    static final int KEY_HASH = 48;
    static final int ID = 52;
    static final int EXTENSION = 56;
    static final int NEXT = 60;
    static final int DEADLINE_MS = 64;
    static final int KERNEL_DEADLINE_MS = 72;
    static final int START_NS = 80;
    static final int TIMEOUT_SECONDS = 88;
    static final int STAMP = 92;
    static final int PRESENT = 96;
    static final int FLAGS = 100;
    static final int HOLDS = 104;
    static final int TOUCHED = 108;
    static final int CORE_BYTES = 112;

    static final int ADDRESSES_V4 = 16;
    static final int ADDRESSES_V6 = 64;
    static final int SLOT_BYTES_V4 = 128;
    static final int SLOT_BYTES_V6 = 192;

    // Flags. A slot has at most one of LIVE, DEAD and TOMB; a free one has none.
    static final int LIVE = 1;
    /** Destroyed; its delta has yet to go out, or a taker holds it. */
    static final int DEAD = 1 << 1;
    /** Destroyed during an audit; kept so that an older dump message does not resurrect it. */
    static final int TOMB = 1 << 2;

    static final int STATE = LIVE | DEAD | TOMB;
    static final int ELIGIBLE = 1 << 3;
    static final int DIRTY = 1 << 4;
    /** To be deleted and created; set on a slot that waits in the dirty queue. */
    static final int RECREATE = 1 << 5;
    /** As RECREATE, of the change that a taker holds now. */
    static final int RECREATE_TAKEN = 1 << 6;

    static final int IN_KERNEL = 1 << 7;
    /** This node's kernel judges the flow by the TCP windows it has seen itself. */
    static final int WINDOWED = 1 << 8;
    /** This node's kernel would not take the flow when it was last tried. */
    static final int REFUSED = 1 << 9;
    /** Found in this node's kernel, or put there, since it was last asked. */
    static final int CHECKED = 1 << 10;

    private SlotLayout() {}
}
