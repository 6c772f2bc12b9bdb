/* Fuzz target: the frame decoder and the search for HELLO. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "channel/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A decoded frame must encode to the same header, and must be within the bytes. */
static void decode_all(const uint8_t *data, size_t size)
{
	size_t at = 0;
	struct frame frame;

	while (frame_decode(data + at, size - at, &frame) == FRAME_COMPLETE) {
		uint8_t header[FRAME_HEADER_SIZE];

		frame_write_header(header, frame.type, frame.flags, frame.stream, frame.length);
		if (memcmp(header, data + at, sizeof(header)) != 0)
			abort();
		at += FRAME_HEADER_SIZE + (size_t)frame.length;
		if (at > size)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t nonce[NONCE_SIZE];
	size_t used = 0;

	decode_all(data, size);
	if (frame_find_hello(data, size, &used, nonce))
		decode_all(data + used, size - used);
	if (used > size)
		abort();
	return 0;
}
