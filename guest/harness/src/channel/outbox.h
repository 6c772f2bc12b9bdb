/* What waits to be written to the port. Control frames go before bulk. */
#ifndef AEGIS_OUTBOX_H
#define AEGIS_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "channel/frame.h"

enum {
	/* The most that Linux's driver takes in one write (drivers/char/virtio_console.c). */
	OUTBOX_WRITE_MAX = 32768,
	/* The most bulk that is fetched at once. Control may have to wait for this much. */
	OUTBOX_BULK_MAX = 2 * OUTBOX_WRITE_MAX,
};

/* Queues a JSON text, cut into CONTROL frames. */
void outbox_control(const char *text, size_t size);
/* Queues a CREDIT or RESET frame. */
void outbox_number(enum frame_type type, uint32_t stream, uint32_t number);
void outbox_eof(uint32_t stream);
void outbox_hello(const uint8_t *nonce);

/* Bytes of control that are not yet written. */
size_t outbox_control_size(void);
bool outbox_is_empty(void);
/* Forgets everything that is not yet written. */
void outbox_drop(void);

/*
 * Collects what is written next; the caller writes from its front and consumes what was written. `pull` supplies bulk:
 * it puts whole frames into `room` and returns their size, 0 when it has none.
 */
struct buffer *outbox_collect(size_t (*pull)(uint8_t *room, size_t size));

#endif
