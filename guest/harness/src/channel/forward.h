/* Forwarding: between the pipes, terminals and sockets of the guest and their streams. */
#ifndef AEGIS_FORWARD_H
#define AEGIS_FORWARD_H

#include <stdint.h>

#include "channel/stream.h"

/* Gives the stream its descriptor, which must be non-blocking and belongs to the stream from now on. */
void forward_attach(struct stream *stream, int fd);

/* Bytes from the host for the guest. */
void forward_take(struct stream *stream, const uint8_t *bytes, size_t size);
/* The host sends no more: closes the guest's side once everything before has been written. */
void forward_end_input(struct stream *stream);
/* There is credit again. */
void forward_resume(struct stream *stream);
/* The process that wrote here has ended: sends what is in the pipe, then EOF, and discards the rest. */
void forward_drain(struct stream *stream);

/* Tells the host that the stream is over in both directions, and ends it. */
void forward_reset(struct stream *stream, enum reset_reason reason);
/* Ends the stream without telling the host. Input is closed, output read and discarded, a connection closed. */
void forward_abandon(struct stream *stream);

/*
 * Puts the next DATA frames of one ready stream into `room` and returns their size, 0 when there is nothing to send. `size`
 * is more than a header and at most OUTBOX_BULK_MAX.
 */
size_t forward_pull(uint8_t *room, size_t size);

#endif
