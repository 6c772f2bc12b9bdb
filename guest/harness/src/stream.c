/* Streams: the table by id, credit in both directions, and the ring of those that have something to send. */
#include "stream.h"

#include <string.h>

#include "channel.h"
#include "forward.h"

enum { BUCKETS = 256 };

/* Every stream, also those that only epoll and the table would know otherwise. */
static struct stream *first;
static struct stream *table[BUCKETS];
static size_t count;
static uint32_t highest;
static struct stream *ready_first;
static struct stream *ready_last;
static struct receiver connection_receiver = {.window = CONNECTION_CREDIT};
static uint64_t connection_credit = CONNECTION_CREDIT;
static int wide_streams;

static struct stream *find(uint32_t id)
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

bool stream_is_known(uint32_t id)
{
	return find(id) != NULL;
}

void stream_named(uint32_t id)
{
	if (id > highest)
		highest = id;
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

/* Decides whether this stream gets a wide window from now on; the credit to grant for it. */
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
		channel_send_number(FRAME_CREDIT, stream->id, grant);
}

bool stream_data(uint32_t id, const uint8_t *bytes, uint32_t size)
{
	struct stream *stream = find(id);
	uint32_t grant;

	if (!receiver_arrived(&connection_receiver, size))
		return false;
	grant = receiver_took(&connection_receiver, size, CONNECTION_GRANT);
	if (grant > 0)
		channel_send_number(FRAME_CREDIT, 0, grant);
	if (stream == NULL)
		return id <= highest;
	if (!stream->in_open || !receiver_arrived(&stream->receiver, size))
		return false;
	forward_take(stream, bytes, size);
	return true;
}

bool stream_credit(uint32_t id, uint32_t bytes)
{
	struct stream *stream;

	if (id == 0) {
		connection_credit += bytes;
		return true;
	}
	stream = find(id);
	if (stream == NULL)
		return id <= highest;
	stream->credit += bytes;
	forward_resume(stream);
	return true;
}

bool stream_eof(uint32_t id)
{
	struct stream *stream = find(id);

	if (stream == NULL)
		return id <= highest;
	if (!stream->in_open)
		return false;
	stream->in_open = false;
	forward_end_input(stream);
	return true;
}

static void end(struct stream *stream)
{
	stream->in_open = false;
	stream->out_open = false;
	forward_cut(stream);
	stream_settle(stream);
}

bool stream_reset_by_host(uint32_t id)
{
	struct stream *stream = find(id);

	if (stream == NULL)
		return id <= highest;
	end(stream);
	return true;
}

void stream_abandon(struct stream *stream)
{
	end(stream);
}

void stream_reset(struct stream *stream, enum reset_reason reason)
{
	if (stream->named)
		channel_send_number(FRAME_RESET, stream->id, reason);
	end(stream);
}

void stream_forget_all(void)
{
	for (size_t i = 0; i < BUCKETS; i++)
		while (table[i] != NULL)
			end(table[i]);
	highest = 0;
	connection_receiver = (struct receiver){.window = CONNECTION_CREDIT};
	connection_credit = CONNECTION_CREDIT;
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

bool stream_any_output(void)
{
	return ready_first != NULL;
}
