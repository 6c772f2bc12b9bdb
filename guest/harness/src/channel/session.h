/* A session: what lies between one HELLO and the next, or the hangup. */
#ifndef AEGIS_SESSION_H
#define AEGIS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called when the host is gone for good or broke the protocol. */
void session_when_over(void (*over)(const char *reason));

/* Called whenever a session ends: what its host has not answered is over. */
void session_when_ended(void (*ended)(void));

/* Takes bytes from the host and returns how many of them are dealt with. */
size_t session_input(const uint8_t *bytes, size_t size);
/* The host closed the port. can_reopen: a host can open it again. */
void session_hangup(bool can_reopen);

/* From now to the next HELLO, a hangup means to wait for the next host. */
void session_park(void);

#endif
