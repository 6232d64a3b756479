/* SPDX-License-Identifier: Apache-2.0 */
/* What travels: payloads of flows and digests, and the frames that seal them. Needs table.h. */
#include <openssl/evp.h>

enum { FRAME_BYTES = 1376, HEADER_BYTES = 28, TAG_BYTES = 16, PAYLOAD_BYTES = FRAME_BYTES - HEADER_BYTES - TAG_BYTES };
enum { SMALL_BYTES = 35, PAYLOADS_MAX = 32, FLOWS4 = 1, FLOWS6 = 2, DIGESTS = 10, BLOCK4 = 21, BLOCK6 = 45 };
enum { PART_REPLY = 1, PART_TCP = 2, PART_MARK = 8, GROUP_HEADER = 12 };

static inline uint8_t *store(uint8_t *at, const void *value, int length) {
    memcpy(at, value, length);
    return at + length;
}

static inline uint8_t *store16(uint8_t *at, uint16_t value) {
    return store(at, &value, 2);
}

static inline uint8_t *store32(uint8_t *at, uint32_t value) {
    return store(at, &value, 4);
}

/* On the wire an address of IPv4 is a number in the order of the host. */
static inline uint8_t *store_address(uint8_t *at, const uint8_t *address, int each) {
    if (each == 16) {
        return store(at, address, 16);
    }
    uint32_t number;
    memcpy(&number, address, 4);
    return store32(at, be32toh(number));
}

/* A payload under way. */
static struct {
    uint8_t bytes[PAYLOAD_BYTES];
    int length, open, count, group;
} out;

static inline void close_group(void) {
    if (out.open) {
        store16(out.bytes + out.group + 10, out.count);
        out.open = 0;
    }
}

static void open_group(int template, int block) {
    close_group();
    uint16_t head[6] = {0, template, 84, 3, block, 0};
    out.open = template;
    out.count = 0;
    out.group = out.length;
    memcpy(out.bytes + out.length, head, sizeof head);
    out.length += sizeof head;
}

/* Adds the newest state of a flow; false when there is no room left. */
static int add(const struct record *record) {
    int each = stride(record->family);
    int template = each == 16 ? FLOWS6 : FLOWS4;
    int block = each == 16 ? BLOCK6 : BLOCK4;
    const uint8_t *a = record->addresses;
    const uint16_t *p = record->ports;
    int translated = is_source_translated(a, p, each) || is_destination_translated(a, p, each);
    int tcp = record->present & HAS_TCP;
    int parts = (translated ? PART_REPLY : 0) | (tcp ? PART_TCP : 0) | (record->mark ? PART_MARK : 0);
    int extension = (translated ? 2 * each + 4 : 0) + (tcp ? 5 : 0) + (record->mark ? 4 : 0);
    if (out.length + block + 2 + extension + (out.open == template ? 0 : GROUP_HEADER) > PAYLOAD_BYTES) {
        return 0;
    }
    if (out.open != template) {
        open_group(template, block);
    }
    uint8_t *at = out.bytes + out.length;
    at = store_address(at, a, each);
    at = store_address(at, a + each, each);
    at = store(at, p, 4);
    *at++ = record->proto;
    at = store16(at, parts);
    at = store16(at, record->status);
    at = store32(at, (record->deadline_ms - NOW_MS) / 1000);
    at = store16(at, extension);
    if (translated) {
        at = store_address(at, a + 2 * each, each);
        at = store_address(at, a + 3 * each, each);
        at = store(at, p + 2, 4);
    }
    if (tcp) {
        at = store(at, record->tcp, 5);
    }
    if (record->mark) {
        at = store32(at, record->mark);
    }
    out.length = at - out.bytes;
    out.count++;
    return 1;
}

static inline const uint8_t *load(const uint8_t *at, void *value, int length) {
    memcpy(value, at, length);
    return at + length;
}

static inline const uint8_t *load_address(const uint8_t *at, uint8_t *address, int each) {
    if (each == 16) {
        return load(at, address, 16);
    }
    uint32_t number;
    at = load(at, &number, 4);
    put_be32(address, number);
    return at;
}

static void turn_round(struct flow *flow, int each) {
    memcpy(flow->addresses + 2 * each, flow->addresses + each, each);
    memcpy(flow->addresses + 3 * each, flow->addresses, each);
    flow->ports[REPLY_SPORT] = flow->ports[DPORT];
    flow->ports[REPLY_DPORT] = flow->ports[SPORT];
}

/* Takes one flow of a payload into the table; returns what follows, or NULL when it lies. */
static const uint8_t *take(const uint8_t *at, const uint8_t *end, int template, int block) {
    struct flow flow = {.family = template == FLOWS6 ? V6 : V4};
    int each = stride(flow.family);
    uint16_t parts, status, extension;
    if (end - at < block + 2) {
        return NULL;
    }
    at = load_address(at, flow.addresses, each);
    at = load_address(at, flow.addresses + each, each);
    at = load(at, flow.ports, 4);
    flow.proto = *at++;
    at = load(at, &parts, 2);
    at = load(at, &status, 2);
    at = load(at, &flow.timeout_s, 4);
    at = load(at, &extension, 2);
    int needed = (parts & PART_REPLY ? 2 * each + 4 : 0) + (parts & PART_TCP ? 5 : 0) + (parts & PART_MARK ? 4 : 0);
    if (end - at < extension || extension < needed) {
        return NULL;
    }
    const uint8_t *part = at;
    flow.status = status;
    flow.present = HAS_REPLY | HAS_STATUS | HAS_TIMEOUT;
    if (parts & PART_REPLY) {
        part = load_address(part, flow.addresses + 2 * each, each);
        part = load_address(part, flow.addresses + 3 * each, each);
        part = load(part, flow.ports + 2, 4);
    } else {
        turn_round(&flow, each);
    }
    if (parts & PART_TCP) {
        part = load(part, flow.tcp, 5);
        flow.present |= HAS_TCP;
    }
    if (parts & PART_MARK) {
        part = load(part, &flow.mark, 4);
        flow.present |= HAS_MARK;
    }
    upsert(&flow);
    return at + extension;
}

static uint8_t differing[BUCKETS / 8];

/* Compares digests with the table's own; returns what follows, or NULL when they lie. */
static const uint8_t *take_digests(const uint8_t *at, const uint8_t *end, int block) {
    uint16_t first, group[2];
    if (block < 7 || end - at < block + 4 || at[6] != BUCKET_BITS) {
        return NULL;
    }
    memcpy(&first, at + 4, 2);
    at = load(at + block, group, 4);
    if (group[0] < 8 || end - at < group[0] * group[1] || first + group[1] > BUCKETS) {
        return NULL;
    }
    for (int bucket = first; bucket < first + group[1]; bucket++) {
        uint64_t told;
        memcpy(&told, at, 8);
        if (told != table.sums[bucket]) {
            differing[bucket / 8] |= 1 << bucket % 8;
        }
        at += group[0];
    }
    return at;
}

/* Takes in a payload; false when it lies. */
static int take_payload(const uint8_t *at, int length) {
    const uint8_t *end = at + length;
    while (at < end) {
        uint16_t head[4], group[2];
        if (end - at < 8) {
            return 0;
        }
        at = load(at, head, 8);
        if (head[1] == DIGESTS) {
            at = take_digests(at, end, head[0]);
        } else if ((head[1] != FLOWS4 && head[1] != FLOWS6) || end - at < 4) {
            return 0;
        } else {
            at = load(at, group, 4);
            for (int i = 0; at && i < group[1]; i++) {
                at = take(at, end, head[1], group[0]);
            }
        }
        if (!at) {
            return 0;
        }
    }
    return 1;
}

static EVP_CIPHER_CTX *sealer, *opener;
static uint64_t frame_number, opened_number;

static EVP_CIPHER_CTX *cipher(int seals) {
    uint8_t key[32] = {0};
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    check(context && EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key, NULL, seals) == 1, "no AES-256-GCM");
    return context;
}

static void begin_frame(EVP_CIPHER_CTX *context, uint64_t number, const uint8_t *frame) {
    uint8_t nonce[12] = {0};
    int ignored;
    number = htobe64(number);
    memcpy(nonce + 4, &number, 8);
    check(EVP_CipherInit_ex(context, NULL, NULL, NULL, nonce, -1) == 1
                    && EVP_CipherUpdate(context, NULL, &ignored, frame, HEADER_BYTES) == 1,
            "a frame is not begun");
}

static int seal(uint8_t *frame, const uint8_t *payload, int length) {
    int ignored;
    uint8_t *header = frame;
    uint64_t term = 1;
    memcpy(header, "\1\1\1\7\1\2\0\0", 8);
    memcpy(header + 8, &term, 8);
    frame_number++;
    memcpy(header + 16, &frame_number, 8);
    memcpy(header + 24, "\1\0\0\0", 4);
    uint8_t *text = frame + HEADER_BYTES;
    memcpy(text, payload, length);
    begin_frame(sealer, frame_number, frame);
    check(EVP_CipherUpdate(sealer, text, &ignored, text, length) == 1
                    && EVP_CipherFinal_ex(sealer, text + length, &ignored) == 1
                    && EVP_CIPHER_CTX_ctrl(sealer, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, text + length) == 1,
            "a frame is not sealed");
    return HEADER_BYTES + length + TAG_BYTES;
}

/* Opens the frame in a copy of its own; returns the length of the text, or -1. */
static int open_frame(const uint8_t *arrived, int length) {
    static uint8_t frame[FRAME_BYTES];
    uint64_t number;
    int ignored;
    if (length < HEADER_BYTES + TAG_BYTES || length > FRAME_BYTES) {
        return -1;
    }
    memcpy(frame, arrived, length);
    memcpy(&number, frame + 16, 8);
    if (memcmp(frame, "\1\1\1\7\1\2", 6) || number <= opened_number || memcmp(frame + 24, "\1\0\0\0", 4)) {
        return -1;
    }
    uint8_t *text = frame + HEADER_BYTES;
    length -= HEADER_BYTES + TAG_BYTES;
    begin_frame(opener, number, frame);
    if (EVP_CIPHER_CTX_ctrl(opener, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, text + length) != 1
            || EVP_CipherUpdate(opener, text, &ignored, text, length) != 1
            || EVP_CipherFinal_ex(opener, text + length, &ignored) != 1) {
        return -1;
    }
    opened_number = number;
    return length;
}
