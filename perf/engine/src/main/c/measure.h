/* SPDX-License-Identifier: Apache-2.0 */
/* How a stage is timed, and how two programs see that they do the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void check(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "floor: %s\n", what);
        exit(70);
    }
}

static double round_ns = 100e6;
static volatile uint64_t sink;

static double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e9 + now.tv_nsec;
}

static int ascending(const void *one, const void *other) {
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

/* Prints the median of five rounds, in which `work`, of `ops` operations, is timed and `prepare` and `settle` are not. */
static void measure(const char *name, int ops, void (*prepare)(void), void (*work)(void), void (*settle)(void)) {
    double rounds[6];
    for (int i = 0; i < 6; i++) {
        double spent = 0;
        uint64_t done = 0;
        double began = now_ns();
        while (now_ns() - began < round_ns) {
            if (prepare) {
                prepare();
            }
            double before = now_ns();
            work();
            spent += now_ns() - before;
            done += ops;
            if (settle) {
                settle();
            }
        }
        rounds[i] = spent / done;
    }
    /* The first warmed up. */
    qsort(rounds + 1, 5, sizeof rounds[0], ascending);
    printf("%s %.2f\n", name, rounds[3]);
    fflush(stdout);
}

static uint32_t crc32_of(uint32_t sum, const uint8_t *bytes, size_t length) {
    sum = ~sum;
    for (size_t i = 0; i < length; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            sum = sum >> 1 ^ (sum & 1 ? 0xedb88320u : 0);
        }
    }
    return ~sum;
}
