/* The floor: the fewest socket calls with which this load can be served at all, and no logic.
 *
 *     floor PORT
 *
 * One epoll loop accepts, answers the handshake, the Engine.IO open packet and the Socket.IO CONNECT with canned bytes, pairs
 * clients in the order of their findChat and copies each message to both. It checks nothing and speaks to the driver beside
 * it only (the answer to the WebSocket key is that of the driver's fixed key, RFC 6455 section 1.3). No server that does its
 * work can be faster on these calls, which is what it is for. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"

enum { CLIENTS_MAX = 65536, READ_SIZE = 64 * 1024, HELD_MAX = 1024, BATCH = 256, NOBODY = -1 };

static const char upgraded[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct client {
    bool open;
    int partner;   /* file descriptor, or NOBODY */
    uint16_t held; /* bytes of an unfinished request or frame */
    uint8_t *rest;
};

static struct client clients[CLIENTS_MAX];
static uint8_t buffer[READ_SIZE + HELD_MAX];
static int poller, listener, waiting = NOBODY;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void send_frame(const uint8_t *frame, size_t size, int fd) {
    /* The driver's windows leave every socket buffer nearly empty, so a short write means the measurement is void. */
    if (send(fd, frame, size, MSG_NOSIGNAL) != (ssize_t)size && errno != EPIPE && errno != ECONNRESET) die("send");
}

static size_t text_frame(uint8_t *out, const char *text, size_t length) {
    size_t head = frame_head(out, OP_TEXT, length, false);
    memcpy(out + head, text, length);
    return head + length;
}

static void send_text(int fd, const char *format, int value) {
    char text[256];
    uint8_t frame[300];
    int length = snprintf(text, sizeof text, format, value);
    send_frame(frame, text_frame(frame, text, (size_t)length), fd);
}

static void drop(int fd) {
    struct client *client = &clients[fd];
    if (client->partner != NOBODY) clients[client->partner].partner = NOBODY;
    if (waiting == fd) waiting = NOBODY;
    free(client->rest);
    *client = (struct client){.partner = NOBODY};
    close(fd);
}

static void take_newcomers(void) {
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (fd >= CLIENTS_MAX) die("too many clients");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        clients[fd] = (struct client){.partner = NOBODY};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
    if (errno != EAGAIN) die("accept");
}

static void find_chat(int fd) {
    send_text(fd, "42[\"waiting\"]", 0);
    if (waiting == NOBODY) {
        waiting = fd;
        return;
    }
    int other = waiting;
    waiting = NOBODY;
    clients[fd].partner = other, clients[other].partner = fd;
    send_text(fd, "42[\"chatStart\",{\"withVideo\":false,\"partnerId\":\"client-%08d\"}]", other);
    send_text(other, "42[\"chatStart\",{\"withVideo\":false,\"partnerId\":\"client-%08d\"}]", fd);
}

/* 42["sendMessage","..."]: the text with its quotes goes on as it came, between canned bytes. */
static void relay(int fd, const char *packet, size_t length) {
    static const char tail[] = ",\"senderEmail\":\"Anonymous\",\"timestamp\":\"2025-01-01T12:00:00.000Z\"}]";
    char text[2048];
    uint8_t frame[2048 + FRAME_HEAD_MAX];
    size_t at = (size_t)snprintf(text, 100, "42[\"message\",{\"sender\":\"client-%08d\",\"text\":", fd), quoted = length - 17 - 1;
    if (clients[fd].partner == NOBODY || quoted > 1024) return;
    memcpy(text + at, packet + 17, quoted);
    memcpy(text + at + quoted, tail, sizeof tail - 1);
    size_t size = text_frame(frame, text, at + quoted + sizeof tail - 1);
    send_frame(frame, size, fd);
    send_frame(frame, size, clients[fd].partner);
}

static void on_text(int fd, const char *packet, size_t length) {
    if (length > 17 && packet[4] == 's') relay(fd, packet, length);
    else if (length > 4 && packet[4] == 'f') find_chat(fd);
    else if (length == 2 && packet[1] == '0') send_text(fd, "40{\"sid\":\"client-%08d\"}", fd);
}

static size_t take_request(int fd, uint8_t *data, size_t size) {
    uint8_t *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end) return 0;
    clients[fd].open = true;
    send_frame((const uint8_t *)upgraded, sizeof upgraded - 1, fd);
    send_text(fd, "0{\"sid\":\"session-%08d\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":200000}", fd);
    return (size_t)(end - data) + 4;
}

static void read_some(int fd) {
    struct client *client = &clients[fd];
    struct frame frame;
    size_t kept = client->held, used = 0;
    if (kept) memcpy(buffer, client->rest, kept);
    ssize_t got = recv(fd, buffer + kept, READ_SIZE, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return drop(fd);
    size_t size = kept + (size_t)got;
    if (!client->open) used = take_request(fd, buffer, size);
    for (ssize_t taken; client->open && (taken = frame_read(buffer + used, size - used, &frame)); used += (size_t)taken) {
        if (taken < 0 || frame.opcode == OP_CLOSE) return drop(fd);
        if (frame.opcode == OP_TEXT) on_text(fd, (const char *)frame.payload, frame.length);
    }
    client->held = (uint16_t)(size - used);
    if (!client->held) return;
    if (client->held > HELD_MAX) die("an unfinished frame is too large");
    if (!client->rest) client->rest = malloc(HELD_MAX);
    memcpy(client->rest, buffer + used, client->held);
}

static void listen_on(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct epoll_event event = {.events = EPOLLIN};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 2048) < 0) die("listen");
    event.data.fd = listener;
    poller = epoll_create1(0);
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
}

int main(int count, char **arguments) {
    struct epoll_event events[BATCH];
    if (count != 2) return fprintf(stderr, "usage: floor PORT\n"), 2;
    listen_on(atoi(arguments[1]));
    for (;;) {
        int ready = epoll_wait(poller, events, BATCH, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener) take_newcomers();
            else read_some(events[i].data.fd);
        }
    }
}
