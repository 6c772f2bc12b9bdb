/* Connections to a port of the guest: 127.0.0.1 first, then ::1, then the guest's own address. */
#include "net/connect.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel/forward.h"
#include "channel/rpc.h"
#include "net/net.h"

enum { PENDING_MAX = 64, TARGETS = 3 };

struct attempt {
	struct source socket;
	struct ticket ticket;
	struct stream *stream; /* NULL once the host has cancelled it */
	uint16_t port;
	int target;
	int first_error;
};

static int pending;

static void finish(struct attempt *attempt)
{
	pending--;
	loop_close(&attempt->socket);
	if (attempt->stream != NULL)
		attempt->stream->owner = NULL;
	loop_free(attempt);
}

static void failed(struct attempt *attempt, int error_number)
{
	struct stream *stream = attempt->stream;

	control_refuse(&attempt->ticket, RPC_SYSTEM_ERROR, error_number, "connect to port %d of the guest: %s",
		       attempt->port, strerror(error_number));
	finish(attempt);
	if (stream != NULL)
		forward_abandon(stream);
}

static void connected(struct attempt *attempt)
{
	struct stream *stream = attempt->stream;
	int on = 1;

	if (stream == NULL) {
		failed(attempt, ECANCELED);
		return;
	}
	setsockopt(attempt->socket.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	control_done(&attempt->ticket);
	forward_attach(stream, loop_release(&attempt->socket));
	finish(attempt);
}

/* Starts to connect to the current target. 0, or the errno; EINPROGRESS is usual. */
static int start(struct attempt *attempt)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(attempt->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(attempt->port)};
	bool over_v6 = attempt->target == 1;
	const struct sockaddr *address = over_v6 ? (const void *)&v6 : (const void *)&v4;
	socklen_t size = over_v6 ? sizeof(v6) : sizeof(v4);

	v4.sin_addr.s_addr = attempt->target == 0 ? htonl(INADDR_LOOPBACK) : net_own_address();
	v6.sin6_addr = in6addr_loopback;
	if (!over_v6 && v4.sin_addr.s_addr == 0)
		return EADDRNOTAVAIL;
	attempt->socket.fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (attempt->socket.fd < 0)
		return errno;
	if (loop_watch(&attempt->socket, EPOLLOUT) != 0 || connect(attempt->socket.fd, address, size) != 0)
		return errno;
	return 0;
}

/* Tries the next target after each failure, until one is connected or in progress. */
static void go_on(struct attempt *attempt, int outcome)
{
	while (outcome != 0 && outcome != EINPROGRESS) {
		if (attempt->first_error == 0)
			attempt->first_error = outcome;
		loop_close(&attempt->socket);
		attempt->target++;
		if (attempt->target == TARGETS || attempt->stream == NULL) {
			failed(attempt, attempt->first_error);
			return;
		}
		outcome = start(attempt);
	}
	if (outcome == 0)
		connected(attempt);
}

static void socket_ready(struct source *source, uint32_t events)
{
	struct attempt *attempt = (struct attempt *)((char *)source - offsetof(struct attempt, socket));
	int outcome = EINPROGRESS;
	socklen_t size = sizeof(outcome);

	if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
		getsockopt(source->fd, SOL_SOCKET, SO_ERROR, &outcome, &size);
	go_on(attempt, outcome);
}

void connect_begin(uint32_t stream, uint16_t port, const struct ticket *ticket)
{
	struct attempt *attempt;

	if (pending >= PENDING_MAX) {
		control_refuse(ticket, RPC_TOO_MANY, 0, "more than %d connections are being opened", PENDING_MAX);
		return;
	}
	attempt = must_allocate(sizeof(*attempt));
	attempt->socket.fd = -1;
	attempt->socket.ready = socket_ready;
	attempt->ticket = *ticket;
	attempt->port = port;
	pending++;
	if (stream_open(stream, STREAM_CONNECT, &attempt->stream) == NULL) {
		control_refuse(ticket, RPC_TOO_MANY, 0, "more than %d streams", STREAMS_MAX);
		finish(attempt);
		return;
	}
	go_on(attempt, start(attempt));
}
