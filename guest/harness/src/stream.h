/* Streams: byte pipes between host and guest, by the numbers that the host gave them, with their credit. */
#ifndef AEGIS_STREAM_H
#define AEGIS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "credit.h"
#include "frame.h"
#include "loop.h"

enum { STREAMS_MAX = 1024 };

enum stream_kind {
	STREAM_STDIN, /* host to guest */
	STREAM_OUTPUT, /* guest to host: stdout or stderr */
	STREAM_CONNECT, /* both: a connection to a port of the guest */
};

/*
 * One stream and the file descriptor behind it. It is named while either side may send; after that the descriptor can
 * live on a while, to take queued input or to discard output nobody wants.
 */
struct stream {
	struct source io;
	uint32_t id;
	enum stream_kind kind;
	bool terminal;
	bool sole; /* nobody but a worker of ours has the other end: a cut just closes it */
	bool named;
	bool gone; /* memory only, until the end of the round */

	bool in_open; /* the host may send */
	bool in_ending; /* the host sent EOF; the queue goes first */
	bool in_dead; /* nobody takes the host's bytes any more */
	struct receiver receiver;
	size_t taken; /* until it is enough for a wide window */
	bool wide;
	struct buffer queue;

	bool out_open; /* we may send */
	bool discard; /* read and throw away */
	bool draining; /* the process is gone: what is in the pipe now is all */
	size_t drain_left;
	uint64_t credit;

	bool *all_came; /* set when the host's EOF has come and all before it was taken; NULL: nobody asks */
	struct stream **owner; /* the one pointer to this stream elsewhere, cleared when the stream goes */
	struct stream *next; /* all that have memory */
	struct stream **link_to_this;
	struct stream *next_in_table;
	struct stream *next_ready;
	struct stream *previous_ready;
	bool is_ready;
};

/* Opens a stream that the host named; NULL when there are too many. *owner is set, and cleared when it goes. */
struct stream *stream_open(uint32_t id, enum stream_kind kind, struct stream **owner);
bool stream_is_known(uint32_t id);
/* Raises the highest id that the host ever named. */
void stream_named(uint32_t id);

/* Frames from the host; false: a violation. */
bool stream_data(uint32_t id, const uint8_t *bytes, uint32_t size);
bool stream_credit(uint32_t id, uint32_t bytes);
bool stream_eof(uint32_t id);
bool stream_reset_by_host(uint32_t id);

/* The session is over: every named stream ends at once. */
void stream_forget_all(void);
/* Ends a stream without a word to the host (its request failed). */
void stream_abandon(struct stream *stream);
/* Tells the host that a stream is over in both directions, and ends it. */
void stream_reset(struct stream *stream, enum reset_reason reason);

/* Frees the stream, or takes it from the table, when its state says so. Called after every change. */
void stream_settle(struct stream *stream);
/* The consumer took so many of the host's bytes. */
void stream_consumed(struct stream *stream, size_t bytes);

/* Ready streams: something to read, credit to send it. First in turn, or NULL when none may send. */
struct stream *stream_next_ready(void);
void stream_set_ready(struct stream *stream, bool ready);
void stream_to_the_back(struct stream *stream);
/* The most that this stream may send now, from both credits. */
size_t stream_may_send(const struct stream *stream);
void stream_sent(struct stream *stream, size_t bytes);
/* Streams that still have output to deliver. */
bool stream_any_output(void);

#endif
