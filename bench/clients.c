/* The client side of WebSocket, Engine.IO and Socket.IO, as lean as a driver needs it. One subject, the life of a
 * connection from connect() to close(), and that is why it is one file: everything here shares the table of clients. */
#define _GNU_SOURCE
#include "clients.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"

/* The key and its answer are the example of RFC 6455 section 1.3: the answer is checked without a SHA-1 here. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
enum { READ_SIZE = 256 * 1024, REST_MAX = 1 << 20, BATCH = 256, STDIN_TAG = -1 };

struct client *clients;
int client_count;
struct totals totals;
struct histogram latency;
bool refill, timed;
char last_error[160];

static int poller, *by_sid, sid_slots;
static struct sockaddr_in address;
static char request[512];
static uint8_t buffer[REST_MAX + READ_SIZE];
static int64_t clock_base;

int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void fail(const char *format, ...) {
    totals.errors++;
    if (last_error[0]) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(last_error, sizeof last_error, format, arguments);
    va_end(arguments);
    for (char *c = last_error; *c; c++)
        if (*c == '"' || *c == '\\' || (unsigned char)*c < 32) *c = '\''; /* it goes into a JSON string as it is */
}

void clients_start(int port, int capacity) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)(uint32_t)STDIN_TAG};
    clients = calloc((size_t)capacity, sizeof *clients);
    for (sid_slots = 1024; sid_slots < 4 * capacity; sid_slots *= 2);
    by_sid = malloc((size_t)sid_slots * sizeof *by_sid);
    clients_forget();
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    snprintf(request, sizeof request,
             "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n\r\n", port);
    prctl(PR_SET_TIMERSLACK, 1); /* the open loop sends at a rate of one message in tens of µs */
    clock_base = now_ns();
    poller = epoll_create1(0);
    epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &event);
}

static void watch(int index, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)(uint32_t)index};
    if (epoll_ctl(poller, operation, clients[index].fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

void client_drop(int index) {
    struct client *client = &clients[index];
    if (client->state == ABSENT) return;
    if (client->state != LEAVING) fail("the server closed connection %d in state %d", index, client->state);
    totals.left++;
    close(client->fd);
    free(client->rest);
    free(client->owed);
    *client = (struct client){.fd = -1, .partner = NOBODY, .online = -1};
}

static void write_bytes(int index, const uint8_t *data, size_t size) {
    struct client *client = &clients[index];
    ssize_t written = client->owed_size ? 0 : send(client->fd, data, size, MSG_NOSIGNAL);
    if (written < 0 && errno != EAGAIN) return; /* the coming end of file says the rest */
    if (written < 0) written = 0;
    if ((size_t)written == size) return;
    size_t left = size - (size_t)written;
    client->owed = realloc(client->owed, client->owed_size + left);
    memcpy(client->owed + client->owed_size, data + written, left);
    if (!client->owed_size) watch(index, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    client->owed_size += (uint32_t)left;
}

static void write_owed(int index) {
    struct client *client = &clients[index];
    ssize_t written = send(client->fd, client->owed, client->owed_size, MSG_NOSIGNAL);
    if (written <= 0) return;
    client->owed_size -= (uint32_t)written;
    memmove(client->owed, client->owed + written, client->owed_size);
    if (!client->owed_size) watch(index, EPOLL_CTL_MOD, EPOLLIN);
}

static void write_frame(int index, uint8_t opcode, const void *payload, size_t length) {
    static uint32_t key = 2463534242u; /* xorshift: a mask that is new with each frame, as section 5.3 asks */
    uint8_t frame[1024 + FRAME_HEAD_MAX];
    key ^= key << 13, key ^= key >> 17, key ^= key << 5;
    size_t head = frame_head(frame, opcode, length, true);
    memcpy(frame + head, &key, 4);
    memcpy(frame + head + 4, payload, length);
    frame_mask(frame + head + 4, length, key);
    write_bytes(index, frame, head + 4 + length);
}

void client_emit(int index, const char *packet, size_t length) { write_frame(index, OP_TEXT, packet, length); }

static char *put_hex(char *out, uint64_t value, int digits) {
    for (int i = digits - 1; i >= 0; i--, value >>= 4) out[i] = "0123456789abcdef"[value & 15];
    return out + digits;
}

static uint64_t take_hex(const uint8_t **at, int digits) {
    uint64_t value = 0;
    for (int i = 0; i < digits; i++) {
        uint8_t c = *(*at)++;
        value = value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return value;
}

static int pair_of(int index) { return index < clients[index].partner ? index : clients[index].partner; }

/* The text names its pair, its sender's side, its number and its moment: `00000a1 1 0000002f 00ab12cd34ef` and some words. */
void client_say(int index, int64_t when_ns) {
    static const char open[] = "42[\"sendMessage\",\"", words[] = " shall we meet at six?\"]";
    char packet[128], *at = packet;
    at = (char *)memcpy(at, open, sizeof open - 1) + sizeof open - 1;
    at = put_hex(at, (uint64_t)pair_of(index), 6);
    *at++ = index == pair_of(index) ? '0' : '1';
    at = put_hex(at, clients[index].sent++, 8);
    at = put_hex(at, (uint64_t)(when_ns - clock_base), 12);
    at = (char *)memcpy(at, words, sizeof words - 1) + sizeof words - 1;
    totals.sent++;
    client_emit(index, packet, (size_t)(at - packet));
}

void client_leave(int index) {
    if (clients[index].state == ABSENT) return;
    clients[index].state = LEAVING;
    write_frame(index, OP_CLOSE, "\x03\xe9", 2); /* 1001, going away: what a browser sends when its tab is closed */
}

void client_connect(int index) {
    struct client *client = &clients[index];
    *client = (struct client){.state = CONNECTING, .partner = NOBODY, .online = -1};
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (connect(client->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        fail("connect: %s", strerror(errno));
    watch(index, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

static int *sid_slot(const char *sid) {
    uint64_t hash = 14695981039346656037ull; /* FNV-1a */
    for (const char *c = sid; *c; c++) hash = (hash ^ (uint8_t)*c) * 1099511628211ull;
    size_t slot = hash & (size_t)(sid_slots - 1);
    while (by_sid[slot] != -1 && strcmp(clients[by_sid[slot]].sid, sid) != 0) slot = (slot + 1) & (size_t)(sid_slots - 1);
    return &by_sid[slot];
}

/* Copies the string value behind `key` (quotes and colon included) and returns whether it was there and fits. */
static bool take_string(const struct frame *frame, const char *key, char out[SID_MAX]) {
    const uint8_t *start = memmem(frame->payload, frame->length, key, strlen(key));
    if (!start) return false;
    start += strlen(key);
    const uint8_t *limit = frame->payload + frame->length, *end = memchr(start, '"', (size_t)(limit - start));
    if (!end || end - start >= SID_MAX) return false;
    memcpy(out, start, (size_t)(end - start));
    out[end - start] = 0;
    return true;
}

static void on_connect_answer(int index, const struct frame *frame) {
    struct client *client = &clients[index];
    char sid[SID_MAX];
    if (client->state != OPENING || !take_string(frame, "\"sid\":\"", sid)) return fail("a CONNECT answer that was not due");
    *sid_slot(sid) = index;
    memcpy(client->sid, sid, SID_MAX);
    client->state = CONNECTED;
    totals.connected++;
}

static void on_chat_start(int index, const struct frame *frame) {
    char sid[SID_MAX];
    int partner = take_string(frame, "\"partnerId\":\"", sid) ? *sid_slot(sid) : NOBODY;
    if (partner == NOBODY || partner == index || clients[index].partner != NOBODY) return fail("a wrong chatStart");
    clients[index].partner = partner;
    totals.paired++;
}

static void on_message(int index, const struct frame *frame) {
    static const char key[] = "\"text\":\"";
    struct client *client = &clients[index];
    const uint8_t *at = memmem(frame->payload, frame->length, key, sizeof key - 1);
    if (!at || at + 40 > frame->payload + frame->length) return fail("a message without its text");
    at += sizeof key - 1;
    int pair = (int)take_hex(&at, 6), side = *at++ == '1';
    uint32_t number = (uint32_t)take_hex(&at, 8);
    int64_t when = (int64_t)take_hex(&at, 12) + clock_base;
    if (client->partner == NOBODY || pair != pair_of(index)) {
        totals.misdelivered++;
        return;
    }
    if (number != client->got[side]) totals.disordered++; /* a gap, a repeat or a wrong order */
    client->got[side] = number + 1;
    bool own = side == (index != pair);
    if (timed && !own) histogram_add(&latency, now_ns() - when);
    if (clients[client->partner].got[side] < client->got[side]) return; /* the other copy is still on its way */
    totals.relayed++;
    if (refill) client_say(own ? client->partner : index, now_ns()); /* the two take turns */
}

static void on_event(int index, const struct frame *frame) {
    if (frame->length < 6) return fail("a malformed event");
    switch (frame->payload[4]) { /* 42["x */
        case 'm': return on_message(index, frame);
        case 'o':
            totals.presence++;
            if (frame->length > 18) clients[index].online = atoll((char *)frame->payload + 17); /* behind 42["onlineUsers", */
            return;
        case 'c': return on_chat_start(index, frame);
        case 'w': return; /* waiting */
        default: fail("unexpected: %.*s", (int)(frame->length < 100 ? frame->length : 100), (char *)frame->payload);
    }
}

static void on_text(int index, const struct frame *frame) {
    uint8_t type = frame->length ? frame->payload[0] : 0, kind = frame->length > 1 ? frame->payload[1] : 0;
    if (type == '4' && kind == '2') return on_event(index, frame);
    if (type == '4' && kind == '0') return on_connect_answer(index, frame);
    if (type == '0') return client_emit(index, "40", 2);
    if (type == '2') {
        totals.pings++;
        return client_emit(index, "3", 1);
    }
    fail("unexpected: %.*s", (int)(frame->length < 100 ? frame->length : 100), (char *)frame->payload);
}

/* Handles every whole frame and returns the bytes used up. */
static size_t take_frames(int index, uint8_t *data, size_t size) {
    struct frame frame;
    size_t used = 0;
    for (ssize_t taken; clients[index].state > UPGRADING && used < size; used += (size_t)taken) {
        taken = frame_read(data + used, size - used, &frame);
        if (taken == 0) break;
        if (taken < 0) {
            fail("a malformed frame");
            return size;
        }
        totals.frames++;
        if (clients[index].state == LEAVING) continue; /* what was on its way when the tab was closed */
        if (frame.opcode == OP_TEXT) on_text(index, &frame);
        else if (frame.opcode == OP_PING) write_frame(index, OP_PONG, frame.payload, frame.length);
        else if (frame.opcode == OP_CLOSE) fail("a close frame came");
    }
    return used;
}

static size_t take_upgrade(int index, uint8_t *data, size_t size) {
    uint8_t *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end) return 0;
    if (memcmp(data, "HTTP/1.1 101", 12) != 0 || !memmem(data, (size_t)(end - data), ACCEPT, sizeof ACCEPT - 1))
        fail("the upgrade was refused: %.60s", data);
    else clients[index].state = OPENING;
    return (size_t)(end - data) + 4;
}

static void keep_rest(struct client *client, const uint8_t *data, size_t size) {
    client->rest_size = (uint32_t)size;
    if (!size) return;
    client->rest = realloc(client->rest, size);
    memcpy(client->rest, data, size);
}

static void read_some(int index) {
    struct client *client = &clients[index];
    size_t kept = client->rest_size;
    if (kept) memcpy(buffer, client->rest, kept);
    ssize_t got = recv(client->fd, buffer + kept, READ_SIZE, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return client_drop(index);
    totals.bytes += (uint64_t)got;
    size_t size = kept + (size_t)got, used = client->state == UPGRADING ? take_upgrade(index, buffer, size) : 0;
    used += take_frames(index, buffer + used, size - used);
    keep_rest(client, buffer + used, size - used);
    if (client->rest_size > REST_MAX / 2) fail("a frame of more than half a MiB");
}

static void on_ready(int index, uint32_t events) {
    struct client *client = &clients[index];
    if (client->state == ABSENT) return;
    if (client->state == CONNECTING && events & EPOLLOUT) {
        client->state = UPGRADING;
        watch(index, EPOLL_CTL_MOD, EPOLLIN);
        write_bytes(index, (const uint8_t *)request, strlen(request));
    } else if (events & EPOLLOUT) write_owed(index);
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) read_some(index);
}

bool clients_turn(int64_t deadline) {
    struct epoll_event events[BATCH];
    int64_t left = deadline - now_ns();
    struct timespec wait = {0, 0};
    if (left > 0) wait = (struct timespec){left / 1000000000, left % 1000000000};
    int count = epoll_pwait2(poller, events, BATCH, &wait, NULL);
    bool command = false;
    for (int i = 0; i < count; i++) {
        int index = (int)(uint32_t)events[i].data.u64;
        if (index == STDIN_TAG) command = true;
        else on_ready(index, events[i].events);
    }
    return command;
}

void clients_forget(void) {
    for (int i = 0; i < client_count; i++) client_drop(i);
    client_count = 0;
    last_error[0] = 0;
    totals.sent = totals.relayed = totals.misdelivered = totals.disordered = totals.errors = 0;
    memset(by_sid, -1, (size_t)sid_slots * sizeof *by_sid);
}
