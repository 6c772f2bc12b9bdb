/* Connections to ports, against a running harness. */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel/rpc.h"
#include "check.h"
#include "driven.h"

static int listen_on(int family, uint16_t *port)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr *address = family == AF_INET ? (void *)&v4 : (void *)&v6;
	socklen_t size = family == AF_INET ? sizeof(v4) : sizeof(v6);
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK(bind(fd, address, size) == 0 && listen(fd, 16) == 0 && getsockname(fd, address, &size) == 0);
	*port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
	return fd;
}

/* Connects, sends both ways, half-closes both ways. */
static void connect_over(int family)
{
	uint16_t port;
	int listener = listen_on(family, &port);
	char params[64];
	char got[16] = "";
	int fd;

	fresh();
	snprintf(params, sizeof(params), "{'stream':1,'port':%d}", port);
	CHECK(host_call(&host, "connect", params));
	fd = accept(listener, NULL, NULL);
	CHECK(fd >= 0);
	host_send_frame(&host, FRAME_DATA, 1, "ping", 4);
	CHECK(recv(fd, got, 4, MSG_WAITALL) == 4 && memcmp(got, "ping", 4) == 0);
	host_send_frame(&host, FRAME_EOF, 1, NULL, 0);
	CHECK(recv(fd, got, 1, 0) == 0);
	CHECK(send(fd, "pong", 4, 0) == 4);
	UNTIL(&host, host_data_is(&host, 1, "pong"));
	CHECK(!host.streams[1].eof);
	close(fd);
	UNTIL(&host, host.streams[1].eof);
	close(listener);
	CHECK(host_call_code(&host, "connect", "{'stream':2,'port':1}") == RPC_SYSTEM_ERROR);
	host_stop(&host);
}

static void connections_work(void)
{
	connect_over(AF_INET);
	connect_over(AF_INET6);
}

/* A reader that consumes much gets a wider window, exactly as wide as was granted. */
static void a_busy_connection_gets_a_wide_window(void)
{
	static char bytes[262144];
	uint16_t port;
	int listener = listen_on(AF_INET, &port);
	char params[64];
	int fd;

	fresh();
	snprintf(params, sizeof(params), "{'stream':1,'port':%d}", port);
	CHECK(host_call(&host, "connect", params));
	fd = accept(listener, NULL, NULL);
	for (int i = 0; i < 8; i++) {
		CHECK(host.streams[1].credit <= 65536);
		host_send_input(&host, 1, 32768);
		CHECK(recv(fd, bytes, 32768, MSG_WAITALL) == 32768);
	}
	UNTIL(&host, host.streams[1].credit == 1048576);
	for (int i = 0; i < 4; i++) {
		host_send_input(&host, 1, 262144);
		CHECK(recv(fd, bytes, sizeof(bytes), MSG_WAITALL) == (ssize_t)sizeof(bytes));
	}
	UNTIL(&host, host.streams[1].credit == 1048576);
	close(fd);
	close(listener);
	host_stop(&host);
}

static void connections_are_reset(void)
{
	struct linger at_once = {.l_onoff = 1};
	uint16_t port;
	int listener = listen_on(AF_INET, &port);
	char params[64];
	char got;
	int fd;

	fresh();
	snprintf(params, sizeof(params), "{'stream':1,'port':%d}", port);
	CHECK(host_call(&host, "connect", params));
	fd = accept(listener, NULL, NULL);
	host_send_number(&host, FRAME_RESET, 1, RESET_CANCELLED);
	CHECK(recv(fd, &got, 1, 0) <= 0);
	close(fd);
	snprintf(params, sizeof(params), "{'stream':2,'port':%d}", port);
	CHECK(host_call(&host, "connect", params));
	fd = accept(listener, NULL, NULL);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
	UNTIL(&host, host.streams[2].reset == RESET_CANCELLED);
	close(listener);
	host_stop(&host);
}

int main(int argc, char **argv)
{
	CHECK(argc > 1);
	host_program = argv + 1;
	RUN(connections_work);
	RUN(a_busy_connection_gets_a_wide_window);
	RUN(connections_are_reset);
	return 0;
}
