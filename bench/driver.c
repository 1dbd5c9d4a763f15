/* The load driver: thousands of Socket.IO clients in one thread, told by lines on stdin what to do next.
 *
 *     driver PORT SERVER_PID CAPACITY
 *
 *     arrive COUNT IN_FLIGHT PRESENCE LIMIT   connect COUNT more clients, each up to the answer to its CONNECT packet
 *     pair LIMIT                              everybody sends findChat and waits for chatStart
 *     relay IN_FLIGHT WARM SECONDS            closed loop: each pair keeps IN_FLIGHT messages on the way, for SECONDS and
 *                                             longer where a slow server has not relayed ROUNDS messages a pair by then
 *     rate PER_SECOND WARM SECONDS            open loop: messages on a fixed schedule, latency from the scheduled moment
 *     idle SECONDS                            answer heartbeats, nothing else
 *     leave LIMIT                             everybody closes
 *
 * LIMIT, WARM and SECONDS are seconds. Each line is answered by one line of JSON on stdout. Its `server_cpu` is the CPU
 * clock of the process SERVER_PID (all its threads), read at the edges of what is measured, its `cpu` the driver's own. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clients.h"

#define SECOND 1000000000LL
enum { TURN = 50000000, QUIET = 100000000, SETTLE_LIMIT = 5, DRAIN_LIMIT = 5 }; /* ns, ns, s, s */
enum { ROUNDS = 4, EXTENSION = 10 }; /* messages a pair, s */

struct reading { int64_t wall, own, server; struct totals totals; };

static clockid_t server_clock;
static int capacity;
static char line[256];
static size_t line_size;

static int64_t read_clock(clockid_t clock) {
    struct timespec t = {0, 0};
    clock_gettime(clock, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static struct reading take_reading(void) {
    return (struct reading){now_ns(), read_clock(CLOCK_PROCESS_CPUTIME_ID), read_clock(server_clock), totals};
}

/* One batch of traffic. What stdin holds is kept for later; its end is the driver's end. */
static void turn(int64_t deadline) {
    if (!clients_turn(deadline) || line_size == sizeof line - 1) return;
    ssize_t got = read(STDIN_FILENO, line + line_size, sizeof line - 1 - line_size);
    if (got <= 0) exit(0);
    line_size += (size_t)got;
}

static int64_t soon(int64_t deadline) {
    int64_t next = now_ns() + TURN;
    return next < deadline ? next : deadline;
}

static int64_t seconds(double value) { return (int64_t)(value * (double)SECOND); }

static uint64_t failures(const struct totals *t) { return t->errors + t->misdelivered + t->disordered; }

static void report(const char *phase, bool done, uint64_t count, struct reading from, struct reading to) {
    struct totals *a = &from.totals, *b = &to.totals;
    printf("{\"phase\":\"%s\",\"ok\":%s,\"count\":%lu,\"wall\":%.6f,\"cpu\":%.6f,\"server_cpu\":%.6f,\"frames\":%lu,\"bytes\":%lu,"
           "\"presence\":%lu,\"pings\":%lu,\"misdelivered\":%lu,\"disordered\":%lu,\"errors\":%lu,\"error\":\"%s\","
           "\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"slowest\":%.1f,\"latencies\":[",
           phase, done && !failures(&totals) ? "true" : "false", count, (double)(to.wall - from.wall) / 1e9,
           (double)(to.own - from.own) / 1e9, (double)(to.server - from.server) / 1e9, b->frames - a->frames,
           b->bytes - a->bytes, b->presence - a->presence, b->pings - a->pings, totals.misdelivered, totals.disordered,
           totals.errors, last_error, histogram_quantile(&latency, 0.5), histogram_quantile(&latency, 0.9),
           histogram_quantile(&latency, 0.99), histogram_quantile(&latency, 0.999), (double)latency.max / 1e3);
    const char *comma = "";
    for (int i = 0; i < HISTOGRAM_SIZE; i++) {
        if (!latency.buckets[i]) continue;
        printf("%s[%.1f,%lu]", comma, (double)histogram_edge(i) / 1e3, latency.buckets[i]);
        comma = ",";
    }
    puts("]}");
    fflush(stdout);
    memset(&latency, 0, sizeof latency);
}

/* Presence is right when everybody has been told the number of connections. */
static bool all_know(int count) {
    for (int i = 0; i < client_count; i++)
        if (clients[i].online != count) return false;
    return true;
}

/* The broadcasts that arrivals and departures caused belong to them: wait until the traffic they made has ended. */
static bool settle(int expected) {
    int64_t limit = now_ns() + seconds(SETTLE_LIMIT), quiet_since = now_ns();
    uint64_t frames = totals.frames;
    while (now_ns() < limit) {
        turn(soon(limit));
        if (totals.frames != frames) quiet_since = now_ns();
        frames = totals.frames;
        if (now_ns() - quiet_since > QUIET && (expected < 0 || all_know(expected))) return true;
    }
    return false;
}

static void arrive(int count, int in_flight, bool presence, double limit) {
    int first = client_count, next = first;
    if (first + count > capacity) fprintf(stderr, "driver: more clients than its capacity\n"), exit(2);
    struct reading from = take_reading();
    int64_t deadline = from.wall + seconds(limit);
    uint64_t base = totals.connected;
    while (totals.connected - base < (uint64_t)count && now_ns() < deadline && !totals.errors) {
        while (next < first + count && next - first - (int)(totals.connected - base) < in_flight) client_connect(next++);
        client_count = next;
        turn(soon(deadline));
    }
    struct reading answered = take_reading();
    bool done = totals.connected - base == (uint64_t)count;
    if (done) done = settle(presence ? client_count : NOBODY);
    struct reading to = take_reading();
    to.wall = answered.wall; /* arrivals a second end with the last answer, their cost with the last broadcast */
    report("arrive", done, totals.connected - base, from, to);
}

static bool pairs_agree(void) {
    for (int i = 0; i < client_count; i++)
        if (clients[i].partner == NOBODY || clients[clients[i].partner].partner != i) return false;
    return true;
}

static void pair(double limit) {
    struct reading from = take_reading();
    int64_t deadline = from.wall + seconds(limit);
    uint64_t base = totals.paired;
    for (int i = 0; i < client_count; i++) client_emit(i, "42[\"findChat\"]", 14);
    while (totals.paired - base < (uint64_t)client_count && now_ns() < deadline && !totals.errors) turn(soon(deadline));
    struct reading answered = take_reading();
    bool quiet = settle(NOBODY); /* the clock of a process that runs on another core is exact only once it sleeps */
    struct reading to = take_reading();
    to.wall = answered.wall;
    report("pair", quiet && pairs_agree(), totals.paired - base, from, to);
}

static bool drain(void) {
    int64_t deadline = now_ns() + seconds(DRAIN_LIMIT);
    while (totals.relayed < totals.sent && now_ns() < deadline && !totals.errors) turn(soon(deadline));
    return totals.relayed == totals.sent;
}

/* A server that answers all pairs in one burst every few seconds must be seen over several of them. */
static bool seen_enough(const struct reading *from) {
    return totals.relayed - from->totals.relayed >= (uint64_t)(ROUNDS * client_count / 2);
}

static void relay(int in_flight, double warm, double measured) {
    int64_t start = now_ns() + seconds(warm), end = start + seconds(measured);
    refill = true;
    for (int i = 0; i < client_count; i++) /* one half of the messages begins on each side */
        for (int k = i < clients[i].partner ? 0 : 1; k < in_flight; k += 2) client_say(i, now_ns());
    while (now_ns() < start && !totals.errors) turn(soon(start));
    struct reading from = take_reading();
    int64_t last = end + seconds(EXTENSION);
    while (now_ns() < end || (!seen_enough(&from) && now_ns() < last)) {
        if (totals.errors) break;
        turn(soon(last));
    }
    struct reading to = take_reading();
    refill = false;
    bool complete = drain(); /* a message that is lost shows here */
    report("relay", complete, to.totals.relayed - from.totals.relayed, from, to);
}

static int stride_for(int count) {
    int stride = (int)(count * 0.618) | 1, a, b, rest;
    for (;; stride += 2) {
        for (a = stride, b = count; b; rest = a % b, a = b, b = rest) {}
        if (a == 1) return stride;
    }
}

/* Sends what is due at `now`. Returns false when the server is more than a second behind: it cannot keep the rate. */
static bool send_due(int64_t now, int64_t *due, int64_t gap, int *sender, int stride) {
    for (; *due <= now; *due += gap) {
        client_say(*sender, *due);
        *sender = (*sender + stride) % client_count;
    }
    return (int64_t)(totals.sent - totals.relayed) * gap < SECOND;
}

static void rate(int per_second, double warm, double measured) {
    int64_t gap = SECOND / per_second, due = now_ns(), start = due + seconds(warm), end = start + seconds(measured);
    int sender = 0, stride = stride_for(client_count);
    struct reading from = take_reading();
    bool keeps_up = true;
    while (now_ns() < end && !totals.errors && keeps_up) {
        keeps_up = send_due(now_ns(), &due, gap, &sender, stride);
        if (!timed && now_ns() >= start) timed = true, from = take_reading();
        turn(due);
    }
    timed = false;
    struct reading to = take_reading();
    bool complete = keeps_up && drain();
    report("rate", complete, to.totals.relayed - from.totals.relayed, from, to);
}

static void idle(double length) {
    struct reading from = take_reading();
    int64_t end = from.wall + seconds(length);
    while (now_ns() < end) turn(soon(end));
    report("idle", true, 0, from, take_reading());
}

static void leave(double limit) {
    struct reading from = take_reading();
    int64_t deadline = from.wall + seconds(limit);
    uint64_t base = totals.left, count = (uint64_t)client_count;
    for (int i = 0; i < client_count; i++) client_leave(i);
    while (totals.left - base < count && now_ns() < deadline) turn(soon(deadline));
    uint64_t left = totals.left - base;
    report("leave", left == count, left, from, take_reading());
    clients_forget();
}

static void obey(const char *command) {
    int a, b, c;
    double x, y;
    if (sscanf(command, "arrive %d %d %d %lf", &a, &b, &c, &x) == 4) arrive(a, b, c, x);
    else if (sscanf(command, "pair %lf", &x) == 1) pair(x);
    else if (sscanf(command, "relay %d %lf %lf", &a, &x, &y) == 3) relay(a, x, y);
    else if (sscanf(command, "rate %d %lf %lf", &a, &x, &y) == 3) rate(a, x, y);
    else if (sscanf(command, "idle %lf", &x) == 1) idle(x);
    else if (sscanf(command, "leave %lf", &x) == 1) leave(x);
    else fprintf(stderr, "driver: not understood: %s\n", command), exit(2);
}

int main(int count, char **arguments) {
    if (count != 4) return fprintf(stderr, "usage: driver PORT SERVER_PID CAPACITY\n"), 2;
    if (clock_getcpuclockid(atoi(arguments[2]), &server_clock) != 0) return fprintf(stderr, "driver: no such process\n"), 2;
    capacity = atoi(arguments[3]);
    clients_start(atoi(arguments[1]), capacity);
    for (;;) {
        line[line_size] = 0;
        char *end = strchr(line, '\n');
        if (!end) {
            turn(now_ns() + SECOND);
            continue;
        }
        char command[sizeof line];
        *end = 0;
        strcpy(command, line);
        line_size -= (size_t)(end + 1 - line);
        memmove(line, end + 1, line_size);
        obey(command);
    }
}
