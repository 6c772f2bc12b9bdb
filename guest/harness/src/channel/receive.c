/* The stream frames of the host, checked against the table of streams and against the credit that we granted. */
#include "channel/receive.h"

#include <stddef.h>

#include "channel/credit.h"
#include "channel/forward.h"
#include "channel/outbox.h"
#include "channel/stream.h"

static struct receiver connection = {.window = CONNECTION_CREDIT};

bool receive_data(uint32_t id, const uint8_t *bytes, uint32_t size)
{
	struct stream *stream = stream_find(id);
	uint32_t grant;

	if (!receiver_arrived(&connection, size))
		return false;
	grant = receiver_took(&connection, size, CONNECTION_GRANT);
	if (grant > 0)
		outbox_number(FRAME_CREDIT, 0, grant);
	if (stream == NULL)
		return stream_was_named(id);
	if (!stream->in_open || !receiver_arrived(&stream->receiver, size))
		return false;
	forward_take(stream, bytes, size);
	return true;
}

bool receive_credit(uint32_t id, uint32_t bytes)
{
	struct stream *stream;

	if (id == 0) {
		stream_connection_credit(bytes);
		return true;
	}
	stream = stream_find(id);
	if (stream == NULL)
		return stream_was_named(id);
	stream->credit += bytes;
	forward_resume(stream);
	return true;
}

bool receive_eof(uint32_t id)
{
	struct stream *stream = stream_find(id);

	if (stream == NULL)
		return stream_was_named(id);
	if (!stream->in_open)
		return false;
	stream->in_open = false;
	forward_end_input(stream);
	return true;
}

bool receive_reset(uint32_t id)
{
	struct stream *stream = stream_find(id);

	if (stream == NULL)
		return stream_was_named(id);
	forward_abandon(stream);
	return true;
}

void receive_end(void)
{
	struct stream *stream;

	while ((stream = stream_any()) != NULL)
		forward_abandon(stream);
	stream_start_over();
	connection = (struct receiver){.window = CONNECTION_CREDIT};
}
