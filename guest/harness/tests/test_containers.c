/* The gateway for containers: a second network namespace, whose router is the guest, as docker sets it up. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "driven.h"
#include "network.h"

static bool is_dialled(size_t index, const char *address, int port)
{
	json_t *dial = notified("dial", index);

	return strcmp(json_string_value(json_object_get(dial, "address")), address) == 0 &&
	       json_integer_value(json_object_get(dial, "port")) == port;
}

/* A container hears of what is rejected by ICMP. */
static bool is_told_at_once(const char *address, uint16_t port)
{
	int fd = connected(SOCK_DGRAM, address, port);
	bool told = send(fd, "x", 1, 0) == 1 && recv(fd, &(char){0}, 1, 0) < 0 && errno == EHOSTUNREACH;

	close(fd);
	return told;
}

static void what_leaves_a_container_comes_to_the_gateway(void)
{
	char params[64];
	char got[8];
	int tcp;
	int udp;

	fresh_network();
	be_in_container(true);
	tcp = connected(SOCK_STREAM, "93.184.216.34", 80);
	udp = connected(SOCK_DGRAM, "8.8.8.8", 53);
	CHECK(tcp >= 0 && udp >= 0 && send(udp, "?", 1, 0) == 1);
	CHECK(is_dialled(0, "93.184.216.34", 80));
	snprintf(params, sizeof(params), "{'query_id':%lld,'message':'IQ=='}",
		 (long long)json_integer_value(json_object_get(notified("resolve", 0), "query_id")));
	CHECK(host_call(&host, "resolved", params));
	CHECK(recv(udp, got, sizeof(got), 0) == 1 && got[0] == '!');
	CHECK(is_told_at_once("8.8.8.8", 443));
	be_in_container(false);
	close(tcp);
	close(udp);
	host_stop(&host);
}

/* A container's services, and those of the guest that it uses, have nothing to do with the gateway. */
static void what_stays_in_the_guest_does_not(void)
{
	int in_guest;
	int in_container;
	int there;
	int back;

	fresh_network();
	in_guest = listening("10.9.0.1", 8080);
	be_in_container(true);
	in_container = listening("10.9.0.2", 8080);
	there = connected(SOCK_STREAM, "10.9.0.1", 8080);
	be_in_container(false);
	back = connected(SOCK_STREAM, "10.9.0.2", 8080);
	CHECK(there >= 0 && back >= 0);
	CHECK(accept(in_guest, NULL, NULL) >= 0 && accept(in_container, NULL, NULL) >= 0);
	CHECK(host_call(&host, "health", "{}") && count_notified("dial") == 0);
	close(there);
	close(back);
	close(in_guest);
	close(in_container);
	host_stop(&host);
}

static void a_container_cannot_use_the_dialer_for_itself(void)
{
	int fd;

	fresh_network();
	be_in_container(true);
	fd = connected(SOCK_STREAM, "10.9.0.1", 1021);
	be_in_container(false);
	CHECK(fd >= 0 && is_reset(fd));
	close(fd);
	CHECK(host_call(&host, "health", "{}") && count_notified("dial") == 0);
	host_stop(&host);
}

int main(int argc, char **argv)
{
	CHECK(argc > 1);
	host_program = argv + 1;
	enter_network();
	add_container();
	RUN(what_leaves_a_container_comes_to_the_gateway);
	RUN(what_stays_in_the_guest_does_not);
	RUN(a_container_cannot_use_the_dialer_for_itself);
	return 0;
}
