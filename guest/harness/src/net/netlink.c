/* Netlink by hand: the few messages that the harness sends need less code than the libraries that build them. */
#include "net/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Appends bytes and what aligns them; the message's length counts both. */
static void append(struct netlink *batch, const void *bytes, size_t size)
{
	static const uint8_t zeros[NLMSG_ALIGNTO];
	uint32_t length;

	buffer_append(&batch->bytes, bytes, size);
	buffer_append(&batch->bytes, zeros, NLMSG_ALIGN(size) - size);
	length = (uint32_t)(batch->bytes.size - batch->message);
	memcpy(batch->bytes.bytes + batch->message, &length, sizeof(length));
}

void netlink_message(struct netlink *batch, uint16_t type, uint16_t flags, const void *body, size_t size)
{
	struct nlmsghdr header = {.nlmsg_type = type, .nlmsg_flags = flags | NLM_F_REQUEST | NLM_F_ACK};

	batch->message = batch->bytes.size;
	append(batch, &header, sizeof(header));
	append(batch, body, size);
}

void netlink_put(struct netlink *batch, uint16_t type, const void *value, size_t size)
{
	struct nlattr attribute = {.nla_type = type, .nla_len = (uint16_t)(NLA_HDRLEN + size)};

	append(batch, &attribute, sizeof(attribute));
	append(batch, value, size);
}

void netlink_put_text(struct netlink *batch, uint16_t type, const char *text)
{
	netlink_put(batch, type, text, strlen(text) + 1);
}

void netlink_put_number(struct netlink *batch, uint16_t type, uint32_t number)
{
	uint32_t value = htonl(number);

	netlink_put(batch, type, &value, sizeof(value));
}

void netlink_nest(struct netlink *batch, uint16_t type)
{
	batch->nests[batch->depth++] = batch->bytes.size;
	netlink_put(batch, type | NLA_F_NESTED, NULL, 0);
}

void netlink_end(struct netlink *batch)
{
	size_t start = batch->nests[--batch->depth];
	uint16_t length = (uint16_t)(batch->bytes.size - start);

	memcpy(batch->bytes.bytes + start, &length, sizeof(length));
}

int netlink_send(struct netlink *batch, int fd)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		uint8_t rest[512];
	} reply = {0};
	ssize_t sent = send(fd, buffer_front(&batch->bytes), batch->bytes.size, 0);
	int outcome = sent < 0 ? errno : 0;

	/* The kernel has answered each message by now. */
	while (outcome == 0 && recv(fd, &reply, sizeof(reply), MSG_DONTWAIT) > 0)
		outcome = reply.header.nlmsg_type == NLMSG_ERROR ? -reply.error.error : EPROTO;
	buffer_clear(&batch->bytes);
	return outcome == 0 && reply.header.nlmsg_len == 0 ? EPROTO : outcome;
}

int netlink_send_route(struct netlink *batch)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int outcome = netlink_send(batch, fd);

	close(fd);
	return outcome;
}
