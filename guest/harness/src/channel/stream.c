/* Streams: the table by number, credit in both directions, and the queue of those that have something to send. */
#include "channel/stream.h"

#include <string.h>

#include "channel/outbox.h"

enum { BUCKETS = 256 };

/* Every stream that is not freed. */
static struct stream *first;
static struct stream *table[BUCKETS];
static size_t count;
static uint32_t highest;
static struct stream *ready_first;
static struct stream *ready_last;
static uint64_t connection_credit = CONNECTION_CREDIT;
static int wide_streams;

struct stream *stream_find(uint32_t id)
{
	struct stream *stream = table[id % BUCKETS];

	while (stream != NULL && stream->id != id)
		stream = stream->next_in_table;
	return stream;
}

static void remove_from_table(struct stream *stream)
{
	struct stream **link = &table[stream->id % BUCKETS];

	while (*link != stream)
		link = &(*link)->next_in_table;
	*link = stream->next_in_table;
	stream->named = false;
	count--;
	if (stream->wide)
		wide_streams--;
}

static void link_in(struct stream *stream)
{
	stream->next = first;
	stream->link_to_this = &first;
	if (first != NULL)
		first->link_to_this = &stream->next;
	first = stream;
	stream->next_in_table = table[stream->id % BUCKETS];
	table[stream->id % BUCKETS] = stream;
	count++;
}

static void unlink_and_free(struct stream *stream)
{
	*stream->link_to_this = stream->next;
	if (stream->next != NULL)
		stream->next->link_to_this = stream->link_to_this;
	stream->gone = true;
	buffer_clear(&stream->queue);
	loop_free(stream);
}

struct stream *stream_open(uint32_t id, enum stream_kind kind, struct stream **owner)
{
	struct stream *stream;

	if (count >= STREAMS_MAX)
		return NULL;
	stream = must_allocate(sizeof(*stream));
	stream->io.fd = -1;
	stream->id = id;
	stream->kind = kind;
	stream->named = true;
	stream->in_open = kind != STREAM_OUTPUT;
	stream->out_open = kind != STREAM_STDIN;
	stream->receiver.window = STREAM_CREDIT;
	stream->credit = STREAM_CREDIT;
	stream->owner = owner;
	*owner = stream;
	link_in(stream);
	return stream;
}

struct stream *stream_any(void)
{
	for (size_t i = 0; i < BUCKETS; i++)
		if (table[i] != NULL)
			return table[i];
	return NULL;
}

void stream_named(uint32_t id)
{
	if (id > highest)
		highest = id;
}

bool stream_was_named(uint32_t id)
{
	return id <= highest;
}

void stream_start_over(void)
{
	highest = 0;
	connection_credit = CONNECTION_CREDIT;
}

void stream_settle(struct stream *stream)
{
	bool over = !stream->in_open && !stream->out_open;

	if (stream->gone)
		return;
	if (stream->named && over)
		remove_from_table(stream);
	if (stream->kind == STREAM_CONNECT && over && stream->queue.size == 0)
		loop_close(&stream->io);
	if (stream->named || stream->io.fd >= 0)
		return;
	stream_set_ready(stream, false);
	if (stream->owner != NULL)
		*stream->owner = NULL;
	stream->owner = NULL;
	unlink_and_free(stream);
}

/* Decides whether this stream gets a wide window from now on, and returns the credit to grant for it. */
static uint32_t widen(struct stream *stream, size_t bytes)
{
	if (stream->wide)
		return 0;
	stream->taken += bytes;
	if (stream->taken < WIDE_AFTER || stream->queue.size > 0 || wide_streams >= WIDE_STREAMS)
		return 0;
	stream->wide = true;
	wide_streams++;
	stream->receiver.window += WIDE_MORE;
	return WIDE_MORE;
}

void stream_consumed(struct stream *stream, size_t bytes)
{
	uint32_t grant;

	if (!stream->named || !stream->in_open)
		return;
	grant = receiver_took(&stream->receiver, (uint32_t)bytes, stream->wide ? WIDE_GRANT : STREAM_GRANT);
	grant += widen(stream, bytes);
	if (grant > 0)
		outbox_number(FRAME_CREDIT, stream->id, grant);
}

struct stream *stream_next_ready(void)
{
	return connection_credit == 0 ? NULL : ready_first;
}

void stream_set_ready(struct stream *stream, bool ready)
{
	if (stream->is_ready == ready)
		return;
	stream->is_ready = ready;
	if (ready) {
		stream->previous_ready = ready_last;
		stream->next_ready = NULL;
		*(ready_last != NULL ? &ready_last->next_ready : &ready_first) = stream;
		ready_last = stream;
		return;
	}
	*(stream->previous_ready != NULL ? &stream->previous_ready->next_ready : &ready_first) = stream->next_ready;
	*(stream->next_ready != NULL ? &stream->next_ready->previous_ready : &ready_last) = stream->previous_ready;
}

void stream_to_the_back(struct stream *stream)
{
	stream_set_ready(stream, false);
	stream_set_ready(stream, true);
}

size_t stream_may_send(const struct stream *stream)
{
	return (size_t)(stream->credit < connection_credit ? stream->credit : connection_credit);
}

void stream_sent(struct stream *stream, size_t bytes)
{
	stream->credit -= bytes;
	connection_credit -= bytes;
}

void stream_connection_credit(uint32_t bytes)
{
	connection_credit += bytes;
}

bool stream_any_ready(void)
{
	return ready_first != NULL;
}
