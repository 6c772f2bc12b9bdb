/* What waits to be written to the port: a queue of control frames, and the bytes of the next writes. */
#include "channel/outbox.h"

enum {
	/* With less room than this, bulk waits for the next collection. */
	SMALLEST_PULL = 4096,
};

static struct buffer control;
static struct buffer output;

void outbox_control(const char *text, size_t size)
{
	do {
		size_t piece = size < FRAME_PAYLOAD_MAX ? size : FRAME_PAYLOAD_MAX;
		uint8_t header[FRAME_HEADER_SIZE];

		frame_write_header(header, FRAME_CONTROL, piece < size ? FRAME_FLAG_MORE : 0, 0, piece);
		buffer_append(&control, header, sizeof(header));
		buffer_append(&control, text, piece);
		text += piece;
		size -= piece;
	} while (size > 0);
}

void outbox_number(enum frame_type type, uint32_t stream, uint32_t number)
{
	uint8_t bytes[FRAME_HEADER_SIZE + 4];

	frame_write_header(bytes, type, 0, stream, 4);
	frame_write_number(bytes + FRAME_HEADER_SIZE, number);
	buffer_append(&control, bytes, sizeof(bytes));
}

void outbox_eof(uint32_t stream)
{
	uint8_t header[FRAME_HEADER_SIZE];

	frame_write_header(header, FRAME_EOF, 0, stream, 0);
	buffer_append(&control, header, sizeof(header));
}

void outbox_hello(const uint8_t *nonce)
{
	uint8_t hello[HELLO_SIZE];

	frame_write_hello(hello, nonce);
	buffer_append(&control, hello, sizeof(hello));
}

size_t outbox_control_size(void)
{
	return control.size;
}

bool outbox_is_empty(void)
{
	return control.size == 0 && output.size == 0;
}

void outbox_drop(void)
{
	buffer_consume(&control, control.size);
	buffer_consume(&output, output.size);
}

static void take_control(void)
{
	size_t room = OUTBOX_BULK_MAX - output.size;
	size_t size = control.size < room ? control.size : room;

	if (size == 0)
		return;
	buffer_append(&output, buffer_front(&control), size);
	buffer_consume(&control, size);
}

/* Collects no more than two writes take: the rest of a third would cost a write of its own. */
struct buffer *outbox_collect(size_t (*pull)(uint8_t *room, size_t size))
{
	if (output.size >= OUTBOX_WRITE_MAX)
		return &output;
	take_control();
	while (control.size == 0 && output.size + SMALLEST_PULL <= OUTBOX_BULK_MAX) {
		size_t room = OUTBOX_BULK_MAX - output.size;
		size_t size = pull(buffer_room(&output, room), room);

		if (size == 0)
			break;
		buffer_grew(&output, size);
	}
	take_control(); /* pull may have queued some, such as the EOF after the last bytes */
	return &output;
}
