/* Netlink: messages to the kernel's network, built in place and sent together. */
#ifndef AEGIS_NETLINK_H
#define AEGIS_NETLINK_H

#include <stdint.h>

#include "base/buffer.h"

enum { NETLINK_DEPTH = 8 };

/* Messages under construction; begins as {0}. */
struct netlink {
	struct buffer bytes;
	size_t message; /* where the last one begins */
	size_t nests[NETLINK_DEPTH]; /* where each attribute begins that is not ended yet */
	size_t depth;
};

void netlink_message(struct netlink *batch, uint16_t type, uint16_t flags, const void *body, size_t size);
/* An attribute of the last message. */
void netlink_put(struct netlink *batch, uint16_t type, const void *value, size_t size);
void netlink_put_text(struct netlink *batch, uint16_t type, const char *text);
/* In network order. */
void netlink_put_number(struct netlink *batch, uint16_t type, uint32_t number);
/* Begins an attribute of attributes, and ends the last one. */
void netlink_nest(struct netlink *batch, uint16_t type);
void netlink_end(struct netlink *batch);

/* Sends the messages by a netlink socket, and forgets them. 0, or the first errno that one is answered with. */
int netlink_send(struct netlink *batch, int fd);
/* The same by a socket of its own, to the kernel's addresses and routes. */
int netlink_send_route(struct netlink *batch);

#endif
