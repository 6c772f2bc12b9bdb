/*
 * Requests. By the rules of net/rules.c, connections of programs come here and wait until the host has connected to where they
 * were to go, and so do messages to name servers, which are not looked into. When enough of them wait, no more are taken: they
 * stay in the kernel, which loses no connection.
 */
#include "net/requests.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base64.h"
#include "channel/forward.h"
#include "channel/rpc.h"
#include "net/answers.h"

enum {
	TAKEN_PER_TURN = 64,
	ORIGINAL_DST = 80, /* SO_ORIGINAL_DST of <linux/netfilter_ipv4.h>, and IP6T_SO_ORIGINAL_DST */
};

struct request {
	json_int_t id; /* 0: a free place */
	int connection; /* of a dial, else -1 */
	struct sockaddr_in6 client; /* of a query */
	struct in6_addr asked; /* the answer must come from there, or the kernel does not turn the redirection back */
};

/* A socket, and the requests that came by it. */
struct door {
	struct source socket;
	bool (*take)(struct door *door, struct request *place); /* false: there is no more for now */
	bool readable;
	int waiting;
	json_int_t last_id; /* counts up for as long as the guest lives */
	struct request requests[REQUESTS_MAX];
};

static void reset(int connection)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(connection);
}

/* The request with this id, a free place for 0; NULL when there is none. */
static struct request *find(struct door *door, json_int_t id)
{
	for (int i = 0; i < REQUESTS_MAX; i++)
		if (door->requests[i].id == id)
			return &door->requests[i];
	return NULL;
}

static void enter(struct door *door, struct request *request)
{
	request->id = ++door->last_id;
	door->waiting++;
}

static void leave(struct door *door, struct request *request)
{
	request->id = 0;
	door->waiting--;
}

/* Where a connection was to go before it was redirected. False: nowhere, such as to this port itself. */
static bool destination_of(int connection, char *address, uint16_t *port)
{
	struct sockaddr_in6 here;
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;
	socklen_t size = sizeof(here);

	if (getsockname(connection, (struct sockaddr *)&here, &size) != 0)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&here.sin6_addr)) {
		size = sizeof(v4);
		if (getsockopt(connection, IPPROTO_IP, ORIGINAL_DST, &v4, &size) != 0)
			return false;
		v6 = here;
		v6.sin6_port = v4.sin_port;
		v6.sin6_addr.s6_addr32[3] = v4.sin_addr.s_addr;
		inet_ntop(AF_INET, &v4.sin_addr, address, INET6_ADDRSTRLEN);
	} else {
		size = sizeof(v6);
		if (getsockopt(connection, IPPROTO_IPV6, ORIGINAL_DST, &v6, &size) != 0)
			return false;
		inet_ntop(AF_INET6, &v6.sin6_addr, address, INET6_ADDRSTRLEN);
	}
	*port = ntohs(v6.sin6_port);
	return *port != 0 && (v6.sin6_port != here.sin6_port || !IN6_ARE_ADDR_EQUAL(&v6.sin6_addr, &here.sin6_addr));
}

static bool take_connection(struct door *door, struct request *place)
{
	char address[INET6_ADDRSTRLEN];
	uint16_t port;

	place->connection = accept4(door->socket.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (place->connection < 0)
		return errno == EINTR || errno == ECONNABORTED;
	if (!destination_of(place->connection, address, &port)) {
		reset(place->connection);
		return true;
	}
	enter(door, place);
	control_notify("dial",
		       json_pack("{s:I, s:s, s:i}", "dial_id", place->id, "address", address, "port", (int)port));
	return true;
}

/* A message to or from a client, and its address on this side. */
struct datagram {
	struct msghdr header;
	struct iovec content;
	union {
		struct cmsghdr first;
		char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control;
};

static void prepare(struct datagram *datagram, struct sockaddr_in6 *client, void *message, size_t size)
{
	memset(datagram, 0, sizeof(*datagram));
	datagram->content = (struct iovec){.iov_base = message, .iov_len = size};
	datagram->header.msg_name = client;
	datagram->header.msg_namelen = sizeof(*client);
	datagram->header.msg_iov = &datagram->content;
	datagram->header.msg_iovlen = 1;
	datagram->header.msg_control = &datagram->control;
	datagram->header.msg_controllen = sizeof(datagram->control);
}

/* To who asked, from the address that was asked. */
static void reply(int socket, struct request *query, uint8_t *message, size_t size)
{
	struct in6_pktinfo from = {.ipi6_addr = query->asked};
	struct datagram datagram;

	prepare(&datagram, &query->client, message, size);
	datagram.control.first = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(from)), .cmsg_level = IPPROTO_IPV6, .cmsg_type = IPV6_PKTINFO};
	memcpy(CMSG_DATA(&datagram.control.first), &from, sizeof(from));
	sendmsg(socket, &datagram.header, MSG_DONTWAIT); /* A client that is gone does not matter. */
}

static bool take_query(struct door *door, struct request *place)
{
	struct datagram datagram;
	struct in6_pktinfo here;
	uint8_t message[DNS_MESSAGE_MAX];
	ssize_t size;
	uint8_t *known;
	size_t known_size;
	char *text;

	prepare(&datagram, &place->client, message, sizeof(message));
	size = recvmsg(door->socket.fd, &datagram.header, 0);
	if (size < 0)
		return errno != EAGAIN;
	if (size == 0 || (datagram.header.msg_flags & MSG_TRUNC) || CMSG_FIRSTHDR(&datagram.header) == NULL)
		return true;
	memcpy(&here, CMSG_DATA(&datagram.control.first), sizeof(here));
	place->asked = here.ipi6_addr;
	place->connection = -1;
	known = answers_find(message, (size_t)size, &known_size);
	if (known != NULL) {
		reply(door->socket.fd, place, known, known_size);
		return true;
	}
	enter(door, place);
	answers_expect(place->id, message, (size_t)size);
	text = base64_write(message, (size_t)size);
	control_notify("resolve", json_pack("{s:I, s:s}", "query_id", place->id, "message", text));
	free(text);
	return true;
}

static struct door dialer = {.socket.fd = -1, .take = take_connection};
static struct door resolver = {.socket.fd = -1, .take = take_query};

static void door_ready(struct source *source, uint32_t events)
{
	(void)events;
	*(source == &dialer.socket ? &dialer.readable : &resolver.readable) = true;
}

static bool turn(struct door *door)
{
	int taken = 0;

	while (door->readable && taken < TAKEN_PER_TURN && door->waiting < REQUESTS_MAX && control_is_open()) {
		door->readable = door->take(door, find(door, 0));
		taken++;
	}
	return taken > 0;
}

static void drop(struct door *door)
{
	for (int i = 0; i < REQUESTS_MAX; i++) {
		if (door->requests[i].id != 0 && door->requests[i].connection >= 0)
			reset(door->requests[i].connection);
		door->requests[i].id = 0;
	}
	door->waiting = 0;
}

int requests_begin(int listening, int udp)
{
	int on = 1;

	dialer.socket = (struct source){.fd = listening, .ready = door_ready};
	resolver.socket = (struct source){.fd = udp, .ready = door_ready};
	if (setsockopt(udp, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) != 0 ||
	    loop_watch(&dialer.socket, EPOLLIN) != 0 || loop_watch(&resolver.socket, EPOLLIN) != 0)
		return errno;
	return 0;
}

void requests_end(void)
{
	requests_drop();
	loop_close(&dialer.socket);
	loop_close(&resolver.socket);
	dialer.readable = false;
	resolver.readable = false;
}

bool requests_turn(void)
{
	bool dials = turn(&dialer);

	return turn(&resolver) || dials;
}

void requests_drop(void)
{
	drop(&dialer);
	drop(&resolver);
	answers_forget();
}

void dial_accept(json_int_t id, uint32_t number, const struct ticket *ticket)
{
	struct request *dial = find(&dialer, id);
	struct stream *stream;
	int on = 1;

	if (dial == NULL) {
		control_refuse(ticket, RPC_WRONG_STATE, 0, "no dial %lld waits", (long long)id);
		return;
	}
	leave(&dialer, dial);
	if (stream_open(number, STREAM_CONNECT, &stream) == NULL) {
		control_refuse(ticket, RPC_TOO_MANY, 0, "more than %d streams", STREAMS_MAX);
		reset(dial->connection);
		return;
	}
	stream->owner = NULL;
	setsockopt(dial->connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	control_done(ticket);
	forward_attach(stream, dial->connection);
}

bool dial_refuse(json_int_t id)
{
	struct request *dial = find(&dialer, id);

	if (dial == NULL)
		return false;
	leave(&dialer, dial);
	reset(dial->connection);
	return true;
}

bool query_answer(json_int_t id, uint8_t *message, size_t size)
{
	struct request *query = find(&resolver, id);

	if (query == NULL)
		return false;
	leave(&resolver, query);
	answers_keep(id, message, size);
	if (size > 0)
		reply(resolver.socket.fd, query, message, size);
	return true;
}
