/* Credit: who may send how many bytes. One sender and one receiver side for each stream and for the connection. */
#ifndef AEGIS_CREDIT_H
#define AEGIS_CREDIT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	STREAM_CREDIT = 65536,
	STREAM_GRANT = 32768,
	CONNECTION_CREDIT = 1048576,
	CONNECTION_GRANT = 524288, /* as WIDE_GRANT, so that both go in one write */
	/* A stream that moved so much, to a reader who keeps up, has its window widened: fewer grants, fewer stalls. */
	WIDE_AFTER = 262144,
	WIDE_MORE = 983040,
	WIDE_GRANT = 524288,
	/* So many at a time: what they may hold of our memory has a bound. */
	WIDE_STREAMS = 16,
};

/* What the host still may send us, and what we took but have not granted again. */
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

/* Counts bytes that were taken; the result is to be granted now, 0 while a batch is not full. */
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
