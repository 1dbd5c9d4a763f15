/* WebSocket frames (RFC 6455 section 5.2) for the driver and the floor: short messages, never fragmented. */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

enum { OP_TEXT = 0x1, OP_CLOSE = 0x8, OP_PING = 0x9, OP_PONG = 0xA };
enum { FRAME_HEAD_MAX = 14 };

struct frame {
    uint8_t opcode;
    uint8_t *payload; /* points into the buffer that was read; already unmasked */
    size_t length;    /* bytes */
};

static inline void frame_mask(uint8_t *payload, size_t length, uint32_t key) {
    uint64_t wide = (uint64_t)key << 32 | key, word;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        memcpy(&word, payload + i, 8);
        word ^= wide;
        memcpy(payload + i, &word, 8);
    }
    for (; i < length; i++) payload[i] ^= (uint8_t)(key >> (8 * (i & 3)));
}

/* Reads the first frame of `data`. Returns the bytes it takes, 0 while it is incomplete, -1 for a fragment or reserved bits. */
static inline ssize_t frame_read(uint8_t *data, size_t size, struct frame *frame) {
    if (size < 2) return 0;
    if ((data[0] & 0xF0) != 0x80) return -1;
    bool masked = data[1] & 0x80;
    uint64_t length = data[1] & 0x7F;
    size_t head = 2;
    if (length == 126) {
        if (size < 4) return 0;
        length = (uint64_t)data[2] << 8 | data[3];
        head = 4;
    } else if (length == 127) {
        if (size < 10) return 0;
        length = 0;
        for (int i = 2; i < 10; i++) length = length << 8 | data[i];
        head = 10;
    }
    size_t start = head + (masked ? 4 : 0);
    if (length > 1u << 24) return -1;
    if (size < start + length) return 0;
    if (masked) {
        uint32_t key;
        memcpy(&key, data + head, 4);
        frame_mask(data + start, length, key);
    }
    *frame = (struct frame){data[0] & 0x0F, data + start, length};
    return (ssize_t)(start + length);
}

/* Writes the head of a frame of `length` bytes (less than 64 KiB) and returns its size; a mask's four bytes are the caller's. */
static inline size_t frame_head(uint8_t *out, uint8_t opcode, size_t length, bool masked) {
    uint8_t bit = masked ? 0x80 : 0;
    out[0] = 0x80 | opcode;
    if (length < 126) {
        out[1] = bit | (uint8_t)length;
        return 2;
    }
    out[1] = bit | 126;
    out[2] = (uint8_t)(length >> 8);
    out[3] = (uint8_t)length;
    return 4;
}

#endif
