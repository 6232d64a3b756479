/* SPDX-License-Identifier: Apache-2.0 */
/* ctnetlink: messages written for events and requests, and events read. Needs flows.h. */

enum { A_ORIG = 1, A_REPLY, A_STATUS, A_PROTOINFO, A_NAT_SRC = 6, A_TIMEOUT, A_MARK, A_ID = 12, A_NAT_DST };
enum { NESTED = 0x8000, NEW = 0x100, REQUEST = 1, CREATE = 0x600, LIBERAL = 8, FLAGS_GIVEN = 7 };

static inline uint8_t *put(uint8_t *at, int type, const void *value, int length) {
    uint16_t head[2] = {length + 4, type};
    if (length & 3) {
        memset(at + 4 + (length & ~3), 0, 4);
    }
    memcpy(at, head, 4);
    memcpy(at + 4, value, length);
    return at + 4 + ((length + 3) & ~3);
}

static inline uint8_t *put8(uint8_t *at, int type, uint8_t value) {
    return put(at, type, &value, 1);
}

static inline uint8_t *put16(uint8_t *at, int type, uint16_t value) {
    value = htobe16(value);
    return put(at, type, &value, 2);
}

static inline uint8_t *put32(uint8_t *at, int type, uint32_t value) {
    value = htobe32(value);
    return put(at, type, &value, 4);
}

static inline uint8_t *put_address(uint8_t *at, int type, const uint8_t *address, int each) {
    return each == 4 ? put(at, type, address, 4) : put(at, type, address, 16);
}

static inline void end_nest(uint8_t *nest, int type, const uint8_t *end) {
    uint16_t head[2] = {end - nest, type | NESTED};
    memcpy(nest, head, 4);
}

static uint8_t *put_tuple(
        uint8_t *at, int type, const uint8_t *src, const uint8_t *dst, int each, int proto, int sport, int dport) {
    uint8_t *ip = at + 4;
    uint8_t *end = put_address(ip + 4, each == 4 ? 1 : 3, src, each);
    end = put_address(end, each == 4 ? 2 : 4, dst, each);
    end_nest(ip, 1, end);
    uint8_t *ports = end;
    end = put8(ports + 4, 1, proto);
    end = put16(end, 2, sport);
    end = put16(end, 3, dport);
    end_nest(ports, 2, end);
    end_nest(at, type, end);
    return end;
}

static uint8_t *put_tcp(uint8_t *at, int state, int scale, int reply_scale, int flags, int reply_flags) {
    uint8_t orig[2] = {flags, 0xff};
    uint8_t reply[2] = {reply_flags, 0xff};
    uint8_t *end = put8(at + 8, 1, state);
    end = put8(end, 2, scale);
    end = put8(end, 3, reply_scale);
    end = put(end, 4, orig, 2);
    end = put(end, 5, reply, 2);
    end_nest(at + 4, 1, end);
    end_nest(at, A_PROTOINFO, end);
    return end;
}

static uint8_t *put_nat(uint8_t *at, int type, const uint8_t *address, int each, int port) {
    uint8_t *end = put_address(at + 4, each == 4 ? 1 : 4, address, each);
    end = put_address(end, each == 4 ? 2 : 5, address, each);
    uint8_t *ports = end;
    end = put16(ports + 4, 1, port);
    end = put16(end, 2, port);
    end_nest(ports, 3, end);
    end_nest(at, type, end);
    return end;
}

static uint8_t *begin_message(uint8_t *at, int flags, uint32_t seq, int family) {
    struct {
        uint32_t length;
        uint16_t type, flags;
        uint32_t seq, port;
        uint8_t family, version;
        uint16_t resource;
    } head = {0, NEW, flags, seq, 0, family, 0, 0};
    memcpy(at, &head, sizeof head);
    return at + sizeof head;
}

static uint32_t end_message(uint8_t *message, const uint8_t *end) {
    uint32_t length = end - message;
    memcpy(message, &length, 4);
    return length;
}

static uint32_t event(uint8_t *at, const struct flow *flow, int is_new) {
    int each = stride(flow->family);
    const uint8_t *a = flow->addresses;
    const uint16_t *p = flow->ports;
    uint8_t *end = begin_message(at, REQUEST | (is_new ? CREATE : 0), 0, flow->family);
    end = put_tuple(end, A_ORIG, a, a + each, each, flow->proto, p[SPORT], p[DPORT]);
    end = put_tuple(end, A_REPLY, a + 2 * each, a + 3 * each, each, flow->proto, p[REPLY_SPORT], p[REPLY_DPORT]);
    end = put32(end, A_ID, flow->id);
    end = put32(end, A_STATUS, flow->status | NAT_DONE);
    end = put32(end, A_TIMEOUT, flow->timeout_s);
    if (flow->present & HAS_TCP) {
        end = put_tcp(end, flow->tcp[0], flow->tcp[1], flow->tcp[2], flow->tcp[3], flow->tcp[4]);
    }
    if (flow->present & HAS_MARK) {
        end = put32(end, A_MARK, flow->mark);
    }
    return end_message(at, end);
}

struct walk {
    const uint8_t *at, *end, *value;
    int type, length, lies;
};

static inline int next(struct walk *walk) {
    uint16_t head[2];
    if (walk->end - walk->at < 4) {
        return 0;
    }
    memcpy(head, walk->at, 4);
    if (head[0] < 4 || head[0] > walk->end - walk->at) {
        walk->lies = 1;
        return 0;
    }
    walk->type = head[1] & 0x3fff;
    walk->value = walk->at + 4;
    walk->length = head[0] - 4;
    int step = (head[0] + 3) & ~3;
    walk->at = step > walk->end - walk->at ? walk->end : walk->at + step;
    return 1;
}

static inline struct walk inside(const struct walk *outer) {
    return (struct walk){.at = outer->value, .end = outer->value + outer->length};
}

static inline uint32_t be32(struct walk *walk) {
    uint32_t value = 0;
    if (walk->length < 4) {
        walk->lies = 1;
    } else {
        memcpy(&value, walk->value, 4);
    }
    return be32toh(value);
}

static inline uint16_t be16(struct walk *walk) {
    uint16_t value = 0;
    if (walk->length < 2) {
        walk->lies = 1;
    } else {
        memcpy(&value, walk->value, 2);
    }
    return be16toh(value);
}

static inline uint8_t u8(struct walk *walk) {
    walk->lies |= walk->length < 1;
    return walk->length < 1 ? 0 : walk->value[0];
}

/* Reads a tuple into two addresses and two ports; false when it lacks one or lies. */
static int read_tuple(struct walk tuple, struct flow *flow, uint8_t *addresses, uint16_t *ports) {
    int each = stride(flow->family);
    int first = flow->family == V6 ? 3 : 1;
    int seen = 0;
    int lies = 0;
    while (next(&tuple)) {
        struct walk in = inside(&tuple);
        if (tuple.type == 1) {
            while (next(&in)) {
                int which = in.type - first;
                if ((which == 0 || which == 1) && in.length >= each) {
                    memcpy(addresses + which * each, in.value, each);
                    seen |= 1 << which;
                }
            }
        } else if (tuple.type == 2) {
            while (next(&in)) {
                switch (in.type) {
                    case 1: flow->proto = u8(&in); seen |= 4; break;
                    case 2: ports[0] = be16(&in); seen |= 8; break;
                    case 3: ports[1] = be16(&in); seen |= 16; break;
                    default: break;
                }
            }
        }
        lies |= in.lies;
    }
    return seen == 31 && !tuple.lies && !lies;
}

static int read_tcp(struct walk info, struct flow *flow) {
    int lies = 0;
    while (next(&info)) {
        if (info.type == 1) {
            struct walk in = inside(&info);
            while (next(&in)) {
                if (in.type >= 1 && in.type <= 5) {
                    flow->tcp[in.type - 1] = u8(&in);
                }
            }
            lies |= in.lies;
            flow->present |= HAS_TCP;
        }
    }
    flow->tcp[3] &= ~LIBERAL;
    flow->tcp[4] &= ~LIBERAL;
    return !info.lies && !lies;
}

/* Reads the event at `message`; false when it is none, or lies. */
static int parse(const uint8_t *message, uint32_t length, struct flow *flow) {
    uint32_t claimed;
    uint16_t type;
    memset(flow, 0, sizeof *flow);
    if (length < 20) {
        return 0;
    }
    memcpy(&claimed, message, 4);
    memcpy(&type, message + 4, 2);
    flow->family = message[16];
    if (claimed != length || type >> 8 != 1 || (flow->family != V4 && flow->family != V6)) {
        return 0;
    }
    int each = stride(flow->family);
    int good = 1;
    int keyed = 0;
    struct walk walk = {.at = message + 20, .end = message + length};
    while (good && next(&walk)) {
        switch (walk.type) {
            case A_ORIG: keyed = good = read_tuple(inside(&walk), flow, flow->addresses, flow->ports); break;
            case A_REPLY:
                good = read_tuple(inside(&walk), flow, flow->addresses + 2 * each, flow->ports + 2);
                flow->present |= HAS_REPLY;
                break;
            case A_STATUS:
                flow->status = be32(&walk) & (SEEN_REPLY | ASSURED | CONFIRMED | SRC_NAT | DST_NAT | FIXED);
                flow->present |= HAS_STATUS;
                break;
            case A_TIMEOUT: flow->timeout_s = be32(&walk); flow->present |= HAS_TIMEOUT; break;
            case A_MARK: flow->mark = be32(&walk); flow->present |= HAS_MARK; break;
            case A_ID: flow->id = be32(&walk); flow->present |= HAS_ID; break;
            case A_PROTOINFO: good = read_tcp(inside(&walk), flow); break;
            default: break;
        }
    }
    return good && keyed && !walk.lies;
}
