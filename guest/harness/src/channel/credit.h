/* Credit: how many bytes each side may still send, on each stream and on the whole connection. */
#ifndef AEGIS_CREDIT_H
#define AEGIS_CREDIT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	STREAM_CREDIT = 65536,
	STREAM_GRANT = 32768,
	CONNECTION_CREDIT = 1048576,
	CONNECTION_GRANT = 524288, /* equal to WIDE_GRANT, so that both grants go in one write */
	/* A stream whose reader has kept up for this many bytes gets a wider window: fewer grants, fewer stalls. */
	WIDE_AFTER = 262144,
	WIDE_MORE = 983040,
	WIDE_GRANT = 524288,
	/* The limit of wide streams bounds the memory that they can use. */
	WIDE_STREAMS = 16,
};

/* `window`: what the host may still send. `owed`: what was consumed and not granted again. */
struct receiver {
	uint32_t window;
	uint32_t owed;
};

/* Counts bytes that arrived; false: more than were granted. */
static inline bool receiver_arrived(struct receiver *receiver, uint32_t bytes)
{
	if (bytes > receiver->window)
		return false;
	receiver->window -= bytes;
	return true;
}

/* Counts bytes that were consumed. Returns what to grant now, 0 until a batch is full. */
static inline uint32_t receiver_took(struct receiver *receiver, uint32_t bytes, uint32_t batch)
{
	uint32_t grant;

	receiver->owed += bytes;
	if (receiver->owed < batch)
		return 0;
	grant = receiver->owed;
	receiver->window += grant;
	receiver->owed = 0;
	return grant;
}

#endif
