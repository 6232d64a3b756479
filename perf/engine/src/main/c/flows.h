/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical workload: the same flows as FlowMix.java makes of the same numbers. */
#include <endian.h>
#include <stdint.h>
#include <string.h>

enum { TIMEOUT_S = 7200, NOW_MS = 1000000 };
enum { V4 = 2, V6 = 10, TCP = 6, UDP = 17, ESTABLISHED = 3, WSCALE = 7, TCP_FLAGS = 3 };
enum { SEEN_REPLY = 2, ASSURED = 4, CONFIRMED = 8, SRC_NAT = 0x10, DST_NAT = 0x20, NAT_DONE = 0x180, FIXED = 0x400 };
enum { HAS_REPLY = 1, HAS_STATUS = 2, HAS_TIMEOUT = 4, HAS_MARK = 8, HAS_ID = 16, HAS_TCP = 32 };
enum { SRC, DST, REPLY_SRC, REPLY_DST };
enum { SPORT, DPORT, REPLY_SPORT, REPLY_DPORT };

/* What is said of one flow. Addresses stand back to back, in network order; ports are numbers. */
struct flow {
    uint8_t addresses[64];
    uint16_t ports[4];
    uint32_t present, status, timeout_s, mark, id;
    uint8_t family, proto;
    uint8_t tcp[5]; /* state, window scales, flags */
};

static inline int stride(int family) {
    return family == V6 ? 16 : 4;
}

static void put_be32(uint8_t *at, uint32_t value) {
    value = htobe32(value);
    memcpy(at, &value, 4);
}

/* Flow `number` of the canonical workload. */
static void flow_of(struct flow *flow, uint32_t number, uint32_t mark) {
    int kind = number % 10;
    int tcp = kind >= 4 && kind < 9;
    int dnat = kind == 3;
    int snat = kind == 6 || kind == 7;
    memset(flow, 0, sizeof *flow);
    flow->family = kind >= 8 ? V6 : V4;
    flow->proto = tcp ? TCP : UDP;
    int each = stride(flow->family);
    uint8_t *address = flow->addresses;
    if (kind >= 8) {
        put_be32(address, 0x20010db8);
        put_be32(address + 12, number);
        put_be32(address + 16, 0x20010db9);
        put_be32(address + 16 + 12, 1);
    } else {
        put_be32(address, 10u << 24 | number);
        put_be32(address + 4, 198u << 24 | 18 << 16 | 1);
    }
    memcpy(address + REPLY_SRC * each, address + each, each);
    memcpy(address + REPLY_DST * each, address, each);
    if (dnat) {
        put_be32(address + REPLY_SRC * each, 10u << 24 | 200 << 16 | 1);
    } else if (snat) {
        put_be32(address + REPLY_DST * each, 203u << 24 | 113 << 8 | (1 + number / 60000));
    }
    flow->ports[SPORT] = flow->ports[REPLY_DPORT] = 1024 + number % 60000;
    flow->ports[DPORT] = flow->ports[REPLY_SPORT] = tcp ? 443 : 53;
    if (dnat) {
        flow->ports[REPLY_SPORT] = 5353;
    }
    flow->status = CONFIRMED | SEEN_REPLY | ASSURED | (snat ? SRC_NAT : 0) | (dnat ? DST_NAT : 0);
    flow->timeout_s = TIMEOUT_S;
    flow->id = number + 1;
    flow->mark = mark;
    flow->present = HAS_REPLY | HAS_STATUS | HAS_TIMEOUT | HAS_ID | (mark ? HAS_MARK : 0);
    if (tcp) {
        uint8_t said[5] = {ESTABLISHED, WSCALE, WSCALE, TCP_FLAGS, TCP_FLAGS};
        memcpy(flow->tcp, said, 5);
        flow->present |= HAS_TCP;
    }
}

static int is_source_translated(const uint8_t *addresses, const uint16_t *ports, int each) {
    return memcmp(addresses, addresses + REPLY_DST * each, each) || ports[REPLY_DPORT] != ports[SPORT];
}

static int is_destination_translated(const uint8_t *addresses, const uint16_t *ports, int each) {
    return memcmp(addresses + each, addresses + REPLY_SRC * each, each) || ports[REPLY_SPORT] != ports[DPORT];
}
