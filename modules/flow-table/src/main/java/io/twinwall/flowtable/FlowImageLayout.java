/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

/**
 * Offsets inside a {@link FlowImage}. Numbers are little-endian, as on every host we run on; addresses are in network
 * byte order. The rare attributes are grouped in regions, each of which goes into one chunk of the table's extension
 * pool as it stands (see {@link ExtensionPool}).
 *
 * <pre>
 *       0       1       2       3       4       5       6       7
 *   0   | present                       | family| l4proto| zone id      |
 *   8   |zoneDir|flags R|sctp st|   0   |tcp st.|wscaleO|wscaleR|flags O|
 *  16   | orig source address                                    (16)  |
 *  32   | orig destination address                               (16)  |
 *  48   | reply source address                                   (16)  |
 *  64   | reply destination address                              (16)  |
 *  80   | orig sport    | orig dport    | reply sport   | reply dport   |
 *  88   | status                        | timeout seconds               |
 *  96   | mark                          | id                            |
 * 104   | sctp vtag orig                | sctp vtag reply               |
 * 112   | start ns                                                      |
 *       +-- region A: 56 bytes ------------------------------------------
 * 120   | labels                                                 (16)  |
 * 136   | helper name                                            (16)  |
 * 152   | seqadj orig: pos, before, after (12)                          |
 * 164   | seqadj reply: pos, before, after (12)                         |
 *       +-- region B: 56 bytes ------------------------------------------
 * 176   | master source address                                  (16)  |
 * 192   | master destination address                             (16)  |
 * 208   | master sport  | master dport  | proto |   0   |   0   |   0   |
 * 216   | synproxy isn                  | synproxy its                  |
 * 224   | synproxy tsoff                |   0                           |
 *       +-- region C: 32 bytes ------------------------------------------
 * 232   | packets orig, bytes orig, packets reply, bytes reply   (32)  |
 *       +-- regions D and E: 56 + 8 bytes -------------------------------
 * 264   | security context name                                  (64)  |
 * 328
 * </pre>
 */
final class FlowImageLayout {
    static final int PRESENT = 0;
    static final int FAMILY = 4;
    static final int L4PROTO = 5;
    static final int ZONE_ID = 6;
    static final int ZONE_DIR = 8;
    static final int TCP_FLAGS_REPLY = 9;
    static final int SCTP_STATE = 10;
    static final int TCP_STATE = 12;
    static final int TCP_WSCALE_ORIG = 13;
    static final int TCP_WSCALE_REPLY = 14;
    static final int TCP_FLAGS_ORIG = 15;
    static final int ORIG_SRC = 16;
    static final int ORIG_DST = 32;
    static final int REPLY_SRC = 48;
    static final int REPLY_DST = 64;
    static final int ORIG_SPORT = 80;
    static final int ORIG_DPORT = 82;
    static final int REPLY_SPORT = 84;
    static final int REPLY_DPORT = 86;
    static final int STATUS_BITS = 88;
    static final int TIMEOUT_SECONDS = 92;
    static final int MARK_VALUE = 96;
    static final int ID_VALUE = 100;
    static final int SCTP_VTAG_ORIG = 104;
    static final int SCTP_VTAG_REPLY = 108;
    static final int START_NS = 112;
    static final int LABELS_BITS = 120;
    static final int HELPER_NAME = 136;
    static final int SEQ_ADJ_ORIG_AT = 152;
    static final int SEQ_ADJ_REPLY_AT = 164;
    static final int MASTER_SRC = 176;
    static final int MASTER_DST = 192;
    static final int MASTER_SPORT = 208;
    static final int MASTER_DPORT = 210;
    static final int MASTER_PROTO = 212;
    static final int SYNPROXY_AT = 216;
    static final int PACKETS_ORIG = 232;
    static final int BYTES_ORIG = 240;
    static final int PACKETS_REPLY = 248;
    static final int BYTES_REPLY = 256;
    static final int SECCTX_NAME = 264;
    static final int BYTES = 328;

    private FlowImageLayout() {}
}
