/* Streams: byte pipes between host and guest. The record of each, the table by number, credit, and who sends next. */
#ifndef AEGIS_STREAM_H
#define AEGIS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/loop.h"
#include "channel/credit.h"
#include "channel/frame.h"

enum { STREAMS_MAX = 1024 };

enum stream_kind {
	STREAM_STDIN, /* host to guest */
	STREAM_OUTPUT, /* guest to host: stdout or stderr */
	STREAM_CONNECT, /* both: a connection to a port of the guest */
};

/*
 * One stream and the file descriptor behind it. It is named while either side may send. After that the descriptor can
 * stay open for a while, to take queued input or to discard output that is no longer wanted.
 */
struct stream {
	struct source io;
	uint32_t id;
	enum stream_kind kind;
	bool terminal;
	bool sole; /* only a worker of ours has the other end, so a reset just closes it */
	bool named;
	bool gone; /* freed at the end of the round */

	bool in_open; /* the host may send */
	bool in_ending; /* the host sent EOF; the queue is written first */
	bool in_dead; /* the host's bytes are no longer read */
	struct receiver receiver;
	size_t taken; /* bytes consumed so far, counted until the window is wide */
	bool wide;
	struct buffer queue;

	bool out_open; /* we may send */
	bool discard; /* read and throw away */
	bool held; /* at the end of the session it stays as it is, for process_connect */
	bool draining; /* the process has ended: only what is in the pipe now is sent */
	size_t drain_left;
	uint64_t credit;

	bool *all_came; /* set once all input up to the host's EOF was written to the descriptor; may be NULL */
	struct stream **owner; /* the one pointer to this stream elsewhere; set to NULL when the stream is freed */
	struct stream *next; /* of all streams that are not freed */
	struct stream **link_to_this;
	struct stream *next_in_table;
	struct stream *next_ready;
	struct stream *previous_ready;
	bool is_ready;
};

/* Opens a stream that the host named; NULL when there are too many. Sets *owner. */
struct stream *stream_open(uint32_t id, enum stream_kind kind, struct stream **owner);
/* The named stream of this number, or NULL. */
struct stream *stream_find(uint32_t id);
/* Any named stream, or NULL when there is none. */
struct stream *stream_any(void);

/* The host named this number, whatever becomes of the request. */
void stream_named(uint32_t id);
/* Whether the host ever named this number in this session. */
bool stream_was_named(uint32_t id);
/* A new session begins: no number is named, the connection's credit is full. No stream is named any more. */
void stream_start_over(void);

/* Takes the stream from the table, or frees it, when its state allows. Call it after every change. */
void stream_settle(struct stream *stream);
/* Counts bytes of the host that were consumed, and grants credit for them. */
void stream_consumed(struct stream *stream, size_t bytes);

/* The ready streams take turns. Ready: there is something to read and credit to send it. NULL when none may send. */
struct stream *stream_next_ready(void);
void stream_set_ready(struct stream *stream, bool ready);
void stream_to_the_back(struct stream *stream);
bool stream_any_ready(void);

/* The most that this stream may send now, given its credit and the connection's. */
size_t stream_may_send(const struct stream *stream);
void stream_sent(struct stream *stream, size_t bytes);
/* The host gave the connection more credit. */
void stream_connection_credit(uint32_t bytes);

#endif
