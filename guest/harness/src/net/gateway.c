/*
 * The gateway: an interface that leads nowhere with the default routes, the rules that take everything off it, and the sockets
 * that they lead to. Without any of these there is no way out at all.
 */
#include "net/gateway.h"

#include <errno.h>
#include <jansson.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "channel/control.h"
#include "net/net.h"
#include "net/requests.h"
#include "net/rules.h"

/* Addresses that are in no use: of the range for benchmarks (RFC 2544), and a private one with "aegis" in ASCII. */
#define ADDRESS "198.18.0.2/32"
#define ADDRESS_V6 "fd61:6567:6973::2/128"

/* Connections that are not taken yet. */
enum { BACKLOG = 4096 };

static bool is_open;
static int interface_index;

static int make_interface(void)
{
	int outcome = net_make_link(GATEWAY_INTERFACE, "dummy");

	return outcome == EEXIST ? 0 : outcome;
}

static int give_addresses_and_routes(void)
{
	int outcome;

	net_set_kernel("ipv6/conf/" GATEWAY_INTERFACE "/addr_gen_mode", "1"); /* no address but ours */
	net_set_kernel("ipv6/conf/" GATEWAY_INTERFACE "/accept_ra", "0");
	outcome = net_set_link(GATEWAY_INTERFACE, true);
	if (outcome == 0)
		outcome = net_add_address(GATEWAY_INTERFACE, ADDRESS);
	if (outcome == 0)
		outcome = net_add_address(GATEWAY_INTERFACE, ADDRESS_V6);
	if (outcome == 0)
		outcome = net_add_default_route(GATEWAY_INTERFACE, AF_INET, NULL);
	if (outcome == 0)
		outcome = net_add_default_route(GATEWAY_INTERFACE, AF_INET6, NULL);
	return outcome;
}

/* A socket of both families on all addresses: containers are redirected to that of their bridge. 0 or an errno. */
static int open_socket(int type, uint16_t port, int *fd)
{
	struct sockaddr_in6 all = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	bool listens = type == SOCK_STREAM;
	int off = 0;
	int on = 1;

	*fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0 || setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0 ||
	    (listens && setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) ||
	    bind(*fd, (const struct sockaddr *)&all, sizeof(all)) != 0 || (listens && listen(*fd, BACKLOG) != 0))
		return errno;
	return 0;
}

static int begin_requests(void)
{
	int tcp;
	int dns = -1;
	int outcome = open_socket(SOCK_STREAM, GATEWAY_TCP_PORT, &tcp);

	if (outcome == 0)
		outcome = open_socket(SOCK_DGRAM, GATEWAY_DNS_PORT, &dns);
	if (outcome == 0)
		return requests_begin(tcp, dns);
	close(tcp);
	close(dns);
	return outcome;
}

/*
 * Connections are many and short: the kernel tracks more of them, and forgets sooner those that have ended. But where one side alone
 * has said all, it must remember where the other was led, however long that takes: a minute is its habit.
 */
static int set_rules(void)
{
	int outcome = rules_set();

	net_set_kernel("netfilter/nf_conntrack_max", "262144");
	net_set_kernel("netfilter/nf_conntrack_tcp_timeout_time_wait", "10");
	net_set_kernel("netfilter/nf_conntrack_tcp_timeout_fin_wait", "432000");
	net_set_kernel("netfilter/nf_conntrack_tcp_timeout_close_wait", "432000");
	return outcome;
}

/* What the kernel says about interfaces. */
struct link_news {
	struct nlmsghdr header;
	struct ifinfomsg link;
	uint8_t attributes[4096];
};

/* Tells the host when root takes the interface away, which can then say why nothing works any more. */
static void link_changed(struct source *source, uint32_t events)
{
	struct link_news news;

	(void)events;
	while (recv(source->fd, &news, sizeof(news), 0) >= (ssize_t)(sizeof(news.header) + sizeof(news.link)))
		if (news.link.ifi_index == interface_index && !(news.link.ifi_flags & IFF_UP))
			control_notify("cut", json_object());
}

static struct source links = {.fd = -1, .ready = link_changed};

static int watch_interface(void)
{
	struct sockaddr_nl group = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};

	interface_index = (int)if_nametoindex(GATEWAY_INTERFACE);
	links.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (links.fd < 0 || bind(links.fd, (const struct sockaddr *)&group, sizeof(group)) != 0 ||
	    loop_watch(&links, EPOLLIN) != 0)
		return errno;
	return 0;
}

static const struct {
	const char *name;
	int (*take)(void);
} steps[] = {
	{"interface", make_interface},
	{"addresses", give_addresses_and_routes},
	{"sockets", begin_requests},
	{"rules", set_rules},
	{"watch", watch_interface},
};

int gateway_open(void)
{
	if (is_open)
		return 0;
	is_open = true;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int outcome = steps[i].take();

		if (outcome != 0) {
			log_line("gateway, %s: %s", steps[i].name, strerror(outcome));
			gateway_close();
			return outcome;
		}
	}
	return 0;
}

void gateway_close(void)
{
	if (!is_open)
		return;
	is_open = false;
	requests_end();
	loop_close(&links);
	net_set_link(GATEWAY_INTERFACE, false); /* its routes go with it */
	rules_remove();
}
