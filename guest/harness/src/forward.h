/* Forwarding: between the pipes, terminals and sockets of the guest and their streams. */
#ifndef AEGIS_FORWARD_H
#define AEGIS_FORWARD_H

#include <stdint.h>

#include "channel.h"
#include "stream.h"

enum {
	/* So many frames come of one read of a busy stream. */
	FORWARD_FRAMES = 2,
	/* With their headers; a full one is one write to the port. */
	FORWARD_SIZE = FORWARD_FRAMES * CHANNEL_WRITE_SIZE,
};

/* Gives the stream its descriptor (non-blocking), which it owns from now on. */
void forward_attach(struct stream *stream, int fd);

/* Bytes from the host for the guest. */
void forward_take(struct stream *stream, const uint8_t *bytes, size_t size);
/* The host sends no more: ends the guest's side once all before it was taken. */
void forward_end_input(struct stream *stream);
/* The stream is over: input closes, output is read and discarded, a connection closes. */
void forward_cut(struct stream *stream);
/* There is credit again. */
void forward_resume(struct stream *stream);
/* The process that wrote here is gone: send what is in the pipe, then EOF, then discard. */
void forward_drain(struct stream *stream);

/* Writes the next DATA frames of one stream into `room`: longer than a header, FORWARD_SIZE at most. 0: nothing to send. */
size_t forward_pull(uint8_t *room, size_t size);

#endif
