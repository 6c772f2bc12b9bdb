/* Connections from the host to a port of the guest. */
#ifndef AEGIS_CONNECT_H
#define AEGIS_CONNECT_H

#include <stdint.h>

#include "channel/control.h"

/* Connects, answers the request, and attaches the connection to the stream. */
void connect_begin(uint32_t stream, uint16_t port, const struct ticket *ticket);

#endif
