/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work of each stage in C: what the program's own is held against. The same flows, messages, hashes and layouts on
 * the wire, a table of the same size and in the same kind of memory; only what the job needs, and nothing for attributes
 * that these flows do not have. Prints "name nanoseconds" for each operation, and behind "#" with what it was made, and
 * sums over what it read and wrote, by which FloorTwinIT sees that both do the same.
 *
 *   floor [quick]
 */
#define _GNU_SOURCE
#include "measure.h"
#include "flows.h"
#include "netlink.h"
#include "table.h"
#include "wire.h"

#include <openssl/crypto.h>

/* What it is measured with: as in the benchmarks of the same names. */
enum {
    EVENTS = 64,
    EVENT_ROOM = 4096,
    BATCH = 256,
    FRAMES = 64,
    REQUESTS = 128,
    REQUEST_ROOM = 1024,
    HELD_FEW = 1000,
    HELD_MANY = 250000,
    HELD_COMPARED = 10000,
    STEP = 100003,
    FRESH_NUMBERS = 1 << 20,
    HOLD_S = 600
};

static int held;

static void settle(void) {
    check(table.dirty == BATCH, "not all of a batch changed");
    while (take_dirty() != NIL) {
    }
}

/* A table that holds the first `flows` of the workload. */
static void hold(int flows) {
    if (table.records) {
        munmap(table.records, FLOWS_MAX * sizeof(struct record));
        munmap(table.index, sizeof(uint64_t) << INDEX_BITS);
    }
    memset(&table, 0, sizeof table);
    table.records = map(FLOWS_MAX * sizeof(struct record));
    table.index = map(sizeof(uint64_t) << INDEX_BITS);
    table.free = table.head = table.tail = NIL;
    held = flows;
    for (int number = 0; number < flows; number++) {
        struct flow flow;
        flow_of(&flow, number, 0);
        upsert(&flow);
    }
    while (take_dirty() != NIL) {
    }
}

/* ------------------------------------------------------------------ parse */

static uint8_t events[EVENTS][EVENT_ROOM] __attribute__((aligned(4096)));
static uint32_t event_bytes[EVENTS];

static void write_events(int is_new, uint32_t mark) {
    for (int i = 0; i < EVENTS; i++) {
        struct flow flow;
        flow_of(&flow, i, mark);
        event_bytes[i] = event(events[i], &flow, is_new);
    }
}

static void parse_events(void) {
    uint32_t present = 0;
    for (int i = 0; i < EVENTS; i++) {
        struct flow flow;
        check(parse(events[i], event_bytes[i], &flow), "an event is refused");
        /* So that no field is left unread. */
        __asm__ volatile("" : : "r"(&flow) : "memory");
        present |= flow.present;
    }
    sink = present;
}

static uint32_t sum_events(uint32_t sum) {
    for (int i = 0; i < EVENTS; i++) {
        sum = crc32_of(sum, events[i], event_bytes[i]);
    }
    return sum;
}

static void measure_parse(void) {
    write_events(1, 0);
    uint32_t sum = sum_events(0);
    measure("parse-create", EVENTS, NULL, parse_events, NULL);
    write_events(0, 1);
    printf("# events %08x\n", sum_events(sum));
    measure("parse-update", EVENTS, NULL, parse_events, NULL);
}

/* ------------------------------------------------------------------ table */

static struct flow batch[BATCH];
static uint32_t chosen, fresh_number, last_mark;

static void choose_fresh(void) {
    for (int i = 0; i < BATCH; i++) {
        flow_of(&batch[i], held + fresh_number + i, 0);
    }
    fresh_number = (fresh_number + BATCH) % FRESH_NUMBERS;
}

static uint32_t scattered(void) {
    chosen = (chosen + STEP) % held;
    return chosen;
}

static void choose_changed(void) {
    last_mark++;
    for (int i = 0; i < BATCH; i++) {
        flow_of(&batch[i], scattered(), last_mark);
    }
}

static void upsert_batch(void) {
    for (int i = 0; i < BATCH; i++) {
        upsert(&batch[i]);
    }
}

static void end_batch(void) {
    settle();
    for (int i = 0; i < BATCH; i++) {
        delete(&batch[i]);
    }
}

static void measure_table(const char *create, const char *update, int flows) {
    hold(flows);
    measure(create, BATCH, choose_fresh, upsert_batch, end_batch);
    chosen = 0;
    measure(update, BATCH, choose_changed, upsert_batch, settle);
}

/* ------------------------------------------------------------------ encode, seal, open */

static uint8_t frames[FRAMES][FRAME_BYTES];
static int frame_bytes[FRAMES];
static int next_flow, seal_bytes;

static void mark_some(void) {
    for (int i = 0; i < BATCH; i++) {
        mark_dirty(next_flow);
        next_flow = (next_flow + 1) % held;
    }
}

static void send_payload(int *frame) {
    close_group();
    frame_bytes[*frame] = seal(frames[*frame], out.bytes, out.length);
    *frame += 1;
    out.length = 0;
}

static void encode_dirty(void) {
    int frame = 0;
    for (int32_t slot = take_dirty(); slot != NIL; slot = take_dirty()) {
        if (!add(&table.records[slot])) {
            send_payload(&frame);
            add(&table.records[slot]);
        }
    }
    send_payload(&frame);
}

static void seal_frames(void) {
    static const uint8_t payload[PAYLOAD_BYTES];
    for (int i = 0; i < FRAMES; i++) {
        frame_bytes[i] = seal(frames[i], payload, seal_bytes);
    }
}

static void open_frames(void) {
    for (int i = 0; i < FRAMES; i++) {
        check(open_frame(frames[i], frame_bytes[i]) == seal_bytes, "a frame is refused");
    }
}

static void measure_frames(void) {
    hold(HELD_FEW);
    measure("encode", BATCH, mark_some, encode_dirty, NULL);
    seal_bytes = PAYLOAD_BYTES;
    measure("seal-1332", FRAMES, NULL, seal_frames, NULL);
    measure("open-1332", FRAMES, seal_frames, open_frames, NULL);
    seal_bytes = SMALL_BYTES;
    measure("seal-35", FRAMES, NULL, seal_frames, NULL);
    measure("open-35", FRAMES, seal_frames, open_frames, NULL);
}

/* ------------------------------------------------------------------ apply */

static uint8_t payloads[PAYLOADS_MAX][PAYLOAD_BYTES];
static int payload_bytes[PAYLOADS_MAX];
static int payload_count;

static void end_payload(void) {
    close_group();
    memcpy(payloads[payload_count], out.bytes, out.length);
    payload_bytes[payload_count++] = out.length;
    out.length = 0;
}

static void add_flow(uint32_t number, uint32_t mark) {
    struct flow flow;
    flow_of(&flow, number, mark);
    struct record record = {.proto = flow.proto,
            .family = flow.family,
            .status = flow.status,
            .mark = mark,
            .present = flow.present,
            .deadline_ms = NOW_MS + TIMEOUT_S * 1000ull};
    memcpy(record.addresses, flow.addresses, sizeof record.addresses);
    memcpy(record.ports, flow.ports, sizeof record.ports);
    memcpy(record.tcp, flow.tcp, sizeof record.tcp);
    if (!add(&record)) {
        end_payload();
        add(&record);
    }
}

static void write_payloads(void) {
    payload_count = 0;
    last_mark++;
    for (int i = 0; i < BATCH; i++) {
        add_flow(scattered(), last_mark);
    }
    end_payload();
}

static void take_payloads(void) {
    for (int i = 0; i < payload_count; i++) {
        check(take_payload(payloads[i], payload_bytes[i]), "a payload is malformed");
    }
}

static void sum_payloads(void) {
    uint32_t sum = 0;
    payload_count = 0;
    for (int i = 0; i < BATCH; i++) {
        add_flow(i, 0);
    }
    end_payload();
    for (int i = 0; i < payload_count; i++) {
        sum = crc32_of(sum, payloads[i], payload_bytes[i]);
    }
    printf("# payloads %08x\n", sum);
}

static void measure_apply(const char *name, int flows) {
    hold(flows);
    chosen = 0;
    measure(name, BATCH, write_payloads, take_payloads, settle);
}

/* ------------------------------------------------------------------ inject */

static uint8_t requests[REQUESTS * REQUEST_ROOM];
static int next_request;

static uint32_t request(uint8_t *at, const struct record *record, uint32_t seq) {
    int each = stride(record->family);
    const uint8_t *a = record->addresses;
    const uint16_t *p = record->ports;
    uint8_t *end = begin_message(at, REQUEST | CREATE, seq, record->family);
    end = put_tuple(end, A_ORIG, a, a + each, each, record->proto, p[SPORT], p[DPORT]);
    end = put_tuple(end, A_REPLY, a + each, a, each, record->proto, p[DPORT], p[SPORT]);
    end = put32(end, A_TIMEOUT, (record->deadline_ms - NOW_MS) / 1000 + HOLD_S);
    end = put32(end, A_STATUS, (record->status & (SEEN_REPLY | ASSURED | CONFIRMED | FIXED)) | CONFIRMED);
    if (record->present & HAS_TCP) {
        end = put_tcp(
                end,
                record->tcp[0],
                record->tcp[1],
                record->tcp[2],
                (record->tcp[3] & FLAGS_GIVEN) | LIBERAL,
                (record->tcp[4] & FLAGS_GIVEN) | LIBERAL);
    }
    end = put32(end, A_MARK, record->mark);
    if (is_source_translated(a, p, each)) {
        end = put_nat(end, A_NAT_SRC, a + 3 * each, each, p[REPLY_DPORT]);
    }
    if (is_destination_translated(a, p, each)) {
        end = put_nat(end, A_NAT_DST, a + 2 * each, each, p[REPLY_SPORT]);
    }
    return end_message(at, end);
}

static uint32_t write_requests(int first) {
    uint32_t length = 0;
    for (int i = 0; i < REQUESTS; i++) {
        length += request(requests + length, &table.records[(first + i) % held], i + 1);
    }
    return length;
}

static void inject(void) {
    sink = write_requests(next_request);
    next_request = (next_request + REQUESTS) % held;
}

/* ------------------------------------------------------------------ digest, compare */

static void digest(void) {
    for (int i = 0; i < BATCH; i++) {
        struct record *record = &table.records[i];
        uint32_t bucket = record->key >> (32 - BUCKET_BITS);
        table.sums[bucket] -= record->content;
        table.counts[bucket]--;
        record->content = content_of(record);
        table.sums[bucket] += record->content;
        table.counts[bucket]++;
    }
}

static void write_digests(void) {
    payload_count = 0;
    for (int done = 0; done < BUCKETS;) {
        int count = (PAYLOAD_BYTES - GROUP_HEADER - 7) / 8;
        count = count < BUCKETS - done ? count : BUCKETS - done;
        uint8_t *at = out.bytes;
        at = store16(store16(store16(store16(at, 7), DIGESTS), 84), 3);
        at = store32(at, 1);
        at = store16(at, done);
        *at++ = BUCKET_BITS;
        at = store16(store16(at, 8), count);
        at = store(at, &table.sums[done], 8 * count);
        out.length = at - out.bytes;
        end_payload();
        done += count;
    }
}

static void compare(void) {
    memset(differing, 0, sizeof differing);
    take_payloads();
    sink = differing[0];
}

static void measure_rest(void) {
    hold(HELD_FEW);
    printf("# requests %08x\n", crc32_of(0, requests, write_requests(0)));
    measure("inject", REQUESTS, NULL, inject, NULL);
    measure("digest", BATCH, NULL, digest, NULL);
    hold(HELD_COMPARED);
    write_digests();
    measure("compare", BUCKETS, NULL, compare, NULL);
    uint64_t sum = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        sum += table.sums[bucket];
    }
    printf("# digests %016llx\n", (unsigned long long)sum);
}

int main(int count, char **arguments) {
    if (count > 1 && !strcmp(arguments[1], "quick")) {
        round_ns = 3e6;
    }
    seed_hashes();
    sealer = cipher(1);
    opener = cipher(0);
    printf("# with %s; seed %016llx\n", OpenSSL_version(OPENSSL_VERSION), (unsigned long long)SEED);
    measure_parse();
    measure_table("table-create-1000", "table-update-1000", HELD_FEW);
    measure_table("table-create-250000", "table-update-250000", HELD_MANY);
    measure_frames();
    sum_payloads();
    measure_apply("apply-1000", HELD_FEW);
    measure_apply("apply-250000", HELD_MANY);
    measure_rest();
    return 0;
}
