/* The clients of the load driver: thousands of Socket.IO connections over WebSocket in one epoll loop. */
#ifndef CLIENTS_H
#define CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

enum { SID_MAX = 48, NOBODY = -1 };

enum client_state { ABSENT, CONNECTING, UPGRADING, OPENING, CONNECTED, LEAVING };

struct client {
    int fd;
    enum client_state state;
    int partner;        /* index, or NOBODY */
    uint32_t sent;      /* messages sent in this chat */
    uint32_t got[2];    /* messages received in this chat from the lower and from the higher index of the pair */
    int64_t online;     /* newest `onlineUsers`, -1 before the first */
    char sid[SID_MAX];  /* the socket id that the CONNECT packet answered with */
    uint8_t *rest;      /* the start of a frame whose end has not arrived */
    uint32_t rest_size;
    uint8_t *owed;      /* bytes that the kernel did not take yet */
    uint32_t owed_size;
};

/* What has gone by since the start of the process; a phase reports differences. */
struct totals {
    uint64_t frames, bytes, pings, presence;
    uint64_t connected, paired, left;
    uint64_t sent, relayed;                      /* relayed: both copies of a message arrived */
    uint64_t misdelivered, disordered, errors;   /* errors: refusals, malformed frames, connections lost */
};

extern struct client *clients;
extern int client_count;     /* slots in use */
extern struct totals totals;
extern struct histogram latency;
extern bool refill;          /* closed loop: a completed message is followed by the next one of its pair */
extern bool timed;           /* measure the latency of arriving messages */
extern char last_error[160]; /* the first error, in words */

int64_t now_ns(void);
void clients_start(int port, int capacity);
void client_connect(int index);
void client_emit(int index, const char *packet, size_t length);
void client_say(int index, int64_t when_ns);
void client_leave(int index);
void client_drop(int index);
/* Waits for traffic until `deadline` (ns, monotonic) at most and handles one batch. Returns true when stdin is readable. */
bool clients_turn(int64_t deadline);
/* Closes what is still open and starts again with an empty table and no failures. */
void clients_forget(void);

#endif
