/* Connections from the host to a port of the guest. */
#ifndef AEGIS_CONNECT_H
#define AEGIS_CONNECT_H

#include <stdint.h>

#include "channel/control.h"

/* Connects, answers the request, and makes the connection the descriptor of the stream. */
void connect_begin(uint32_t stream, uint16_t port, const struct ticket *ticket);

#endif
