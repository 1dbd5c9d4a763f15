/* A histogram of latencies: 32 buckets for each power of two, so that a quantile is right to about 3 %. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <string.h>

enum { SUB_BITS = 5, SUB = 1 << SUB_BITS, HISTOGRAM_SIZE = 40 * SUB };

struct histogram {
    uint64_t count;
    int64_t max; /* ns */
    uint64_t buckets[HISTOGRAM_SIZE];
};

static inline int histogram_bucket(uint64_t ns) {
    if (ns < SUB) return (int)ns;
    int shift = 63 - __builtin_clzll(ns) - SUB_BITS;
    int bucket = (shift + 1) * SUB + (int)((ns >> shift) - SUB);
    return bucket < HISTOGRAM_SIZE ? bucket : HISTOGRAM_SIZE - 1;
}

/* The upper edge of a bucket, in ns. */
static inline uint64_t histogram_edge(int bucket) {
    if (bucket < SUB) return (uint64_t)bucket;
    int shift = bucket / SUB - 1;
    return (((uint64_t)(bucket % SUB) + SUB + 1) << shift) - 1;
}

static inline void histogram_add(struct histogram *h, int64_t ns) {
    h->count++;
    if (ns > h->max) h->max = ns;
    h->buckets[histogram_bucket(ns < 0 ? 0 : (uint64_t)ns)]++;
}

/* The latency, in µs, that a share of `quantile` (0 to 1) of the messages did not exceed. */
static inline double histogram_quantile(const struct histogram *h, double quantile) {
    uint64_t wanted = (uint64_t)(quantile * (double)h->count), seen = 0;
    for (int i = 0; i < HISTOGRAM_SIZE; i++) {
        seen += h->buckets[i];
        if (seen > wanted) return (double)histogram_edge(i) / 1000.0;
    }
    return (double)h->max / 1000.0;
}

#endif
