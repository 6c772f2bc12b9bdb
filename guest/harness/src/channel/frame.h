/* The frames of the guest channel (guest/protocol/PROTOCOL.md): pure encoding and decoding, no I/O. */
#ifndef AEGIS_FRAME_H
#define AEGIS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_type {
	FRAME_HELLO = 1,
	FRAME_CONTROL = 2,
	FRAME_DATA = 3,
	FRAME_CREDIT = 4,
	FRAME_EOF = 5,
	FRAME_RESET = 6,
};

enum reset_reason { RESET_CANCELLED = 0, RESET_REFUSED = 1, RESET_PROTOCOL = 2, RESET_INTERNAL = 3 };

enum {
	FRAME_HEADER_SIZE = 8,
	FRAME_PAYLOAD_MAX = 32768,
	FRAME_MAX = FRAME_HEADER_SIZE + FRAME_PAYLOAD_MAX,
	FRAME_FLAG_MORE = 1,
	NONCE_SIZE = 16,
	HELLO_PAYLOAD_SIZE = 28,
	HELLO_SIZE = FRAME_HEADER_SIZE + HELLO_PAYLOAD_SIZE,
	PROTOCOL_VERSION = 1,
};

struct frame {
	enum frame_type type;
	uint8_t flags;
	uint16_t length;
	uint32_t stream;
	const uint8_t *payload;
};

enum frame_verdict { FRAME_COMPLETE, FRAME_INCOMPLETE, FRAME_VIOLATION };

/* The frame at the beginning of these bytes; a complete one occupies FRAME_HEADER_SIZE + length bytes. */
enum frame_verdict frame_decode(const uint8_t *bytes, size_t size, struct frame *frame);

/* The number in a CREDIT or RESET frame. */
uint32_t frame_number(const struct frame *frame);

void frame_write_header(uint8_t *header, enum frame_type type, uint8_t flags, uint32_t stream, size_t length);
void frame_write_hello(uint8_t *hello, const uint8_t *nonce);
void frame_write_number(uint8_t *bytes, uint32_t number);

/*
 * Looks for the first HELLO with any nonce. Found: *used counts the bytes up to and including it.
 * Not found: *used counts the bytes that cannot be part of one.
 */
bool frame_find_hello(const uint8_t *bytes, size_t size, size_t *used, uint8_t *nonce);

#endif
