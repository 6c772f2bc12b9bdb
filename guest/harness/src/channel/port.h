/* The port to the host: hands what it reads to the session and writes what is in the outbox. */
#ifndef AEGIS_PORT_H
#define AEGIS_PORT_H

#include <stdbool.h>

/* is_virtio: a virtio port, which a host can open again later. Otherwise a socket, whose end is final. */
int port_open(int fd, bool is_virtio);

/* Reads and writes for a while. True: there is more to do at once. */
bool port_turn(void);

#endif
