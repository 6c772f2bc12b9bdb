/* What programs of the guest ask of the world outside: connections (dials) and names (queries). The host decides on each. */
#ifndef AEGIS_REQUESTS_H
#define AEGIS_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "channel/control.h"

enum { REQUESTS_MAX = 256, DNS_MESSAGE_MAX = 4096 };

/* Takes connections from a listening socket and queries from a UDP one, which are ours from now on. 0 or an errno. */
int requests_begin(int listening, int udp);
void requests_end(void);
/* Notifies the host of new requests, while fewer than REQUESTS_MAX of that kind wait. True: there may be more. */
bool requests_turn(void);
/* Those that wait are over: resets their connections. */
void requests_drop(void);

/* The host has connected: attaches the connection of that dial to the stream, and answers the call. */
void dial_accept(json_int_t id, uint32_t stream, const struct ticket *ticket);
/* Resets the connection. False: no such dial waits. */
bool dial_refuse(json_int_t id);
/* Sends the host's answer to who asked, unless it is empty. False: no such query waits. */
bool query_answer(json_int_t id, uint8_t *message, size_t size);

#endif
