/* SPDX-License-Identifier: Apache-2.0 */
/* The table: hashes, records, digests of buckets, and the queue of what changed. Needs flows.h and measure.h. */
#include <sys/mman.h>

static const uint64_t SEED = 0x7477696e77616c6c;
static const uint64_t PRIME_A = 0xa0761d6478bd642f;
static const uint64_t PRIME_B = 0xe7037ed1a0b428db;
static uint64_t k0, k1, content_seed;

static inline uint64_t rotl(uint64_t value, int bits) {
    return value << bits | value >> (64 - bits);
}

static inline uint64_t mix(uint64_t z) {
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static void seed_hashes(void) {
    k0 = mix(SEED ^ 0x6b65792d6861736b);
    k1 = mix(k0 ^ SEED);
    content_seed = mix(SEED ^ PRIME_A);
}

#define SIP_ROUND                                                                                                      \
    v0 += v1, v2 += v3, v1 = rotl(v1, 13) ^ v0, v3 = rotl(v3, 16) ^ v2, v0 = rotl(v0, 32), v2 += v1, v0 += v3,         \
            v1 = rotl(v1, 17) ^ v2, v3 = rotl(v3, 21) ^ v0, v2 = rotl(v2, 32)
#define SIP_WORD(word) v3 ^= (word), SIP_ROUND, v0 ^= (word)

/* SipHash-1-3 of the key without its length, upper half. */
static inline uint32_t key_hash(const struct flow *flow) {
    uint64_t words[4];
    uint32_t ports;
    uint64_t v0 = k0 ^ 0x736f6d6570736575, v1 = k1 ^ 0x646f72616e646f6d;
    uint64_t v2 = k0 ^ 0x6c7967656e657261, v3 = k1 ^ 0x7465646279746573;
    memcpy(words, flow->addresses, 32);
    memcpy(&ports, flow->ports, 4);
    for (int i = 0; i < (flow->family == V6 ? 4 : 1); i++) {
        SIP_WORD(words[i]);
    }
    uint64_t last = ports | (uint64_t)flow->proto << 48 | (uint64_t)flow->family << 56;
    SIP_WORD(last);
    v2 ^= 0xff;
    SIP_ROUND, SIP_ROUND, SIP_ROUND;
    return (v0 ^ v1 ^ v2 ^ v3) >> 32;
}

static inline uint64_t fold(uint64_t hash, uint64_t first, uint64_t second) {
    uint64_t a = first ^ hash ^ PRIME_A;
    uint64_t b = second ^ rotl(hash, 32) ^ PRIME_B;
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

enum { FLOWS_MAX = 1 << 18, INDEX_BITS = 19, BUCKET_BITS = 12, BUCKETS = 1 << BUCKET_BITS, NIL = -1, DIRTY = 1 };

/* Two cache lines; what the hash covers comes first. */
struct record {
    uint8_t addresses[64];
    uint16_t ports[4];
    uint16_t zone;
    uint8_t proto, zone_dir;
    uint32_t status, mark;
    uint8_t tcp[5];
    uint8_t family;
    uint16_t present;
    uint32_t flags;
    uint64_t content, deadline_ms;
    uint32_t key, id, timeout_s;
    int32_t next;
};
_Static_assert(sizeof(struct record) == 128, "a record is two cache lines");

static struct {
    struct record *records;
    uint64_t *index;
    int32_t fresh, free, head, tail, live, dirty;
    uint64_t sums[BUCKETS];
    uint32_t counts[BUCKETS];
} table;

/* As the program maps it: without huge pages, which would make much resident that is not used. */
static void *map(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    check(memory != MAP_FAILED, "no memory");
    madvise(memory, bytes, MADV_NOHUGEPAGE);
    return memory;
}

static inline uint64_t content_of(const struct record *record) {
    uint64_t words[11];
    uint64_t flags_reply = record->tcp[4] & 7;
    int bytes = 4 * stride(record->family);
    uint64_t hash = content_seed ^ (uint64_t)bytes;
    memcpy(words, record, sizeof words);
    for (int i = 0; i < bytes / 8; i += 2) {
        hash = fold(hash, words[i], words[i + 1]);
    }
    hash = fold(hash, words[8], words[9] & ((uint64_t)0x436 << 32 | 0xffffffff));
    hash = fold(hash, words[10] & 0x07ffffffffffffff, flags_reply);
    return mix(fold(hash, 0, PRIME_B));
}

static inline int is_key(const struct record *record, const struct flow *flow) {
    return record->family == flow->family && record->proto == flow->proto && !memcmp(record->ports, flow->ports, 4)
            && (flow->family == V6 ? !memcmp(record->addresses, flow->addresses, 32)
                                   : !memcmp(record->addresses, flow->addresses, 8));
}

static inline int32_t find(uint32_t hash, const struct flow *flow) {
    for (uint32_t place = hash >> (32 - INDEX_BITS); table.index[place]; place = (place + 1) & ((1 << INDEX_BITS) - 1)) {
        uint64_t entry = table.index[place];
        if (entry >> 32 == hash && is_key(&table.records[(uint32_t)entry - 1], flow)) {
            return (int32_t)entry - 1;
        }
    }
    return NIL;
}

static inline void mark_dirty(int32_t slot) {
    struct record *record = &table.records[slot];
    if (record->flags & DIRTY) {
        return;
    }
    record->flags |= DIRTY;
    record->next = NIL;
    if (table.tail == NIL) {
        table.head = slot;
    } else {
        table.records[table.tail].next = slot;
    }
    table.tail = slot;
    table.dirty++;
}

static inline int32_t take_dirty(void) {
    int32_t slot = table.head;
    if (slot != NIL) {
        struct record *record = &table.records[slot];
        table.head = record->next;
        table.tail = table.head == NIL ? NIL : table.tail;
        record->flags &= ~DIRTY;
        table.dirty--;
    }
    return slot;
}

static inline struct record *insert(uint32_t hash, const struct flow *flow) {
    int32_t slot = table.free == NIL ? table.fresh++ : table.free;
    struct record *record = &table.records[slot];
    check(slot < FLOWS_MAX, "the table is full");
    if (slot == table.free) {
        table.free = record->next;
        memset(record, 0, sizeof *record);
    }
    uint32_t place = hash >> (32 - INDEX_BITS);
    while (table.index[place]) {
        place = (place + 1) & ((1 << INDEX_BITS) - 1);
    }
    table.index[place] = (uint64_t)hash << 32 | (uint32_t)(slot + 1);
    memcpy(record->addresses, flow->addresses, 2 * stride(flow->family));
    memcpy(record->ports, flow->ports, 4);
    record->proto = flow->proto;
    record->family = flow->family;
    record->key = hash;
    table.counts[hash >> (32 - BUCKET_BITS)]++;
    table.live++;
    return record;
}

/* Takes in what is said of a flow, keeps its bucket's digest, and marks it when its content changed. */
static void upsert(const struct flow *flow) {
    uint32_t hash = key_hash(flow);
    int32_t slot = find(hash, flow);
    struct record *record = slot == NIL ? insert(hash, flow) : &table.records[slot];
    int each = stride(flow->family);
    if (flow->present & HAS_REPLY) {
        memcpy(record->addresses + 2 * each, flow->addresses + 2 * each, 2 * each);
        memcpy(record->ports + 2, flow->ports + 2, 4);
    }
    if (flow->present & HAS_STATUS) {
        record->status = flow->status;
    }
    if (flow->present & HAS_MARK) {
        record->mark = flow->mark;
    }
    if (flow->present & HAS_TCP) {
        memcpy(record->tcp, flow->tcp, 5);
    }
    if (flow->present & HAS_ID) {
        record->id = flow->id;
    }
    if (flow->present & HAS_TIMEOUT) {
        record->timeout_s = flow->timeout_s;
        record->deadline_ms = NOW_MS + flow->timeout_s * 1000ull;
    }
    record->present |= flow->present;
    uint64_t content = content_of(record);
    table.sums[hash >> (32 - BUCKET_BITS)] += content - record->content;
    if (content != record->content) {
        record->content = content;
        mark_dirty(record - table.records);
    }
}

static void delete(const struct flow *flow) {
    uint32_t mask = (1 << INDEX_BITS) - 1;
    uint32_t hash = key_hash(flow);
    int32_t slot = find(hash, flow);
    check(slot != NIL, "no such flow");
    uint32_t hole = hash >> (32 - INDEX_BITS);
    while (table.index[hole] != ((uint64_t)hash << 32 | (uint32_t)(slot + 1))) {
        hole = (hole + 1) & mask;
    }
    for (uint32_t place = (hole + 1) & mask; table.index[place]; place = (place + 1) & mask) {
        uint32_t home = table.index[place] >> (64 - INDEX_BITS);
        if (((place - home) & mask) >= ((place - hole) & mask)) {
            table.index[hole] = table.index[place];
            hole = place;
        }
    }
    table.index[hole] = 0;
    table.sums[hash >> (32 - BUCKET_BITS)] -= table.records[slot].content;
    table.counts[hash >> (32 - BUCKET_BITS)]--;
    table.records[slot].next = table.free;
    table.free = slot;
    table.live--;
}
