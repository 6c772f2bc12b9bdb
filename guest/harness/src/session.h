/* A session: what lies between one HELLO and the next, or the hangup. */
#ifndef AEGIS_SESSION_H
#define AEGIS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes from the host; the result counts those that are dealt with. */
size_t session_input(const uint8_t *bytes, size_t size);
void session_hangup(void);

bool session_is_open(void);
/* Counts up with each HELLO, so that a late answer can tell that its session is gone. */
uint32_t session_number(void);
/* From now to the next HELLO a hangup means: wait for the next host. */
void session_park(void);

#endif
