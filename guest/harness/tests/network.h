/* A network namespace for tests of the gateway, and sockets in it. */
#ifndef AEGIS_TEST_NETWORK_H
#define AEGIS_TEST_NETWORK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Moves this program, and the harnesses that it starts, into a new network namespace, which they may change. */
void enter_network(void);
/* A network namespace beside it, as a container has: its address is 10.9.0.2, and its router at 10.9.0.1 is the guest. */
void add_container(void);
/* Has new sockets be in the container, or in the guest again. */
void be_in_container(bool inside);

/* Starts a harness whose way out is the gateway. */
void fresh_network(void);
/* Tells it another, such as "'gateway':true", or none. */
bool identify(const char *way_out);

/* A socket that is connected to an address of either family; blocking. */
int connected(int type, const char *address, uint16_t port);
/* The errno of sending a datagram there, 0 for none. */
int sending_fails(const char *address, uint16_t port);
/* A socket that listens on an address. */
int listening(const char *address, uint16_t port);
/* Whether the connection was reset. */
bool is_reset(int fd);

/* Waits for the notification of that name which came as number `index`, and returns its params. */
json_t *notified(const char *method, size_t index);
size_t count_notified(const char *method);

#endif
