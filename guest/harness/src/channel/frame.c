/* The frames of the guest channel: every rule about a single frame. */
#include "channel/frame.h"

#include <string.h>

/* The header of a HELLO and its payload up to the nonce. */
static const uint8_t hello_prefix[HELLO_SIZE - NONCE_SIZE] = {
	FRAME_HELLO, 0, 0, HELLO_PAYLOAD_SIZE, 0, 0, 0, 0, 'A', 'E', 'G', 'I', 'S', 'V', 'M', 0, 0, PROTOCOL_VERSION, 0, 0,
};

/* What the header of each type may contain. */
struct rule {
	uint16_t shortest;
	uint16_t longest;
	uint8_t flags;
	bool on_zero;
	bool on_stream;
};

static const struct rule rules[] = {
	[FRAME_HELLO] = {HELLO_PAYLOAD_SIZE, HELLO_PAYLOAD_SIZE, 0, true, false},
	[FRAME_CONTROL] = {0, FRAME_PAYLOAD_MAX, FRAME_FLAG_MORE, true, false},
	[FRAME_DATA] = {1, FRAME_PAYLOAD_MAX, 0, false, true},
	[FRAME_CREDIT] = {4, 4, 0, true, true},
	[FRAME_EOF] = {0, 0, 0, false, true},
	[FRAME_RESET] = {4, 4, 0, false, true},
};

static uint32_t read_number(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool header_is_allowed(const struct frame *frame)
{
	const struct rule *rule;

	if (frame->type < FRAME_HELLO || frame->type > FRAME_RESET)
		return false;
	rule = &rules[frame->type];
	if (frame->length < rule->shortest || frame->length > rule->longest)
		return false;
	if ((frame->flags & ~rule->flags) != 0)
		return false;
	return frame->stream == 0 ? rule->on_zero : rule->on_stream;
}

static bool payload_is_allowed(const struct frame *frame)
{
	switch (frame->type) {
	case FRAME_HELLO:
		return memcmp(frame->payload, hello_prefix + FRAME_HEADER_SIZE,
			      HELLO_PAYLOAD_SIZE - NONCE_SIZE) == 0;
	case FRAME_CREDIT:
		return frame_number(frame) >= 1;
	case FRAME_RESET:
		return frame_number(frame) <= RESET_INTERNAL;
	case FRAME_CONTROL:
	case FRAME_DATA:
	case FRAME_EOF:
		return true;
	}
	return false;
}

enum frame_verdict frame_decode(const uint8_t *bytes, size_t size, struct frame *frame)
{
	if (size < FRAME_HEADER_SIZE)
		return FRAME_INCOMPLETE;
	frame->type = bytes[0];
	frame->flags = bytes[1];
	frame->length = (uint16_t)(bytes[2] << 8 | bytes[3]);
	frame->stream = read_number(bytes + 4);
	frame->payload = bytes + FRAME_HEADER_SIZE;
	if (!header_is_allowed(frame))
		return FRAME_VIOLATION;
	if (size - FRAME_HEADER_SIZE < frame->length)
		return FRAME_INCOMPLETE;
	return payload_is_allowed(frame) ? FRAME_COMPLETE : FRAME_VIOLATION;
}

uint32_t frame_number(const struct frame *frame)
{
	return read_number(frame->payload);
}

void frame_write_number(uint8_t *bytes, uint32_t number)
{
	bytes[0] = (uint8_t)(number >> 24);
	bytes[1] = (uint8_t)(number >> 16);
	bytes[2] = (uint8_t)(number >> 8);
	bytes[3] = (uint8_t)number;
}

void frame_write_header(uint8_t *header, enum frame_type type, uint8_t flags, uint32_t stream, size_t length)
{
	header[0] = (uint8_t)type;
	header[1] = flags;
	header[2] = (uint8_t)(length >> 8);
	header[3] = (uint8_t)length;
	frame_write_number(header + 4, stream);
}

void frame_write_hello(uint8_t *hello, const uint8_t *nonce)
{
	memcpy(hello, hello_prefix, sizeof(hello_prefix));
	memcpy(hello + sizeof(hello_prefix), nonce, NONCE_SIZE);
}

bool frame_find_hello(const uint8_t *bytes, size_t size, size_t *used, uint8_t *nonce)
{
	size_t at;

	for (at = 0; at + HELLO_SIZE <= size; at++) {
		if (memcmp(bytes + at, hello_prefix, sizeof(hello_prefix)) == 0) {
			memcpy(nonce, bytes + at + sizeof(hello_prefix), NONCE_SIZE);
			*used = at + HELLO_SIZE;
			return true;
		}
	}
	*used = at;
	return false;
}
