/* The port to the host: bytes in to the session, frames out in the right order, never more than the host takes. */
#ifndef AEGIS_CHANNEL_H
#define AEGIS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

/* The most that the port takes at once, as its driver in Linux has it (drivers/char/virtio_console.c). */
enum { CHANNEL_WRITE_SIZE = 32768 };

/* is_port: a virtio port, where a host that is gone may come back; otherwise a socket, where it can not. */
int channel_open(int fd, bool is_port);
bool channel_is_port(void);

/* Reads, lets the session work, writes. True: there is more to do at once. */
bool channel_turn(void);

/* A JSON text, cut into CONTROL frames. */
void channel_send_control(const char *text, size_t size);
/* A CREDIT or RESET frame. */
void channel_send_number(enum frame_type type, uint32_t stream, uint32_t number);
void channel_send_eof(uint32_t stream);
void channel_send_hello(const uint8_t *nonce);

/* Forgets everything not yet written: a new session begins. */
void channel_drop_output(void);
bool channel_is_flushed(void);

#endif
