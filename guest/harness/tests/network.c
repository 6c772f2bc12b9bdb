/* A network namespace for tests of the gateway, and sockets in it. */
#include "network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "driven.h"
#include "net/net.h"
#include "net/netlink.h"

enum { WAIT_S = 20 };

static int guest = -1;
static int container = -1;

static int this_namespace(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

void enter_network(void)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", (unsigned)getuid());
	if (unshare(CLONE_NEWNET) != 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
			perror("The gateway cannot be tested: no network namespace (run as root, or allow user namespaces)");
			exit(1);
		}
		write_file("/proc/self/uid_map", map);
	}
	guest = this_namespace();
	CHECK(net_set_link("lo", true) == 0);
	/* A kernel without dummy interfaces has others that swallow everything. */
	CHECK(net_make_link("aegis0", "dummy") == 0 || net_make_link("aegis0", "ifb") == 0);
	CHECK(setenv("AEGIS_TEST_NETWORK", "1", 1) == 0);
}

void be_in_container(bool inside)
{
	CHECK(setns(inside ? container : guest, CLONE_NEWNET) == 0);
}

void add_container(void)
{
	struct ifinfomsg peer = {.ifi_family = AF_UNSPEC};
	struct netlink batch = {0};

	CHECK(unshare(CLONE_NEWNET) == 0);
	container = this_namespace();
	be_in_container(false);
	CHECK(net_make_link("box0", "veth") == 0);
	peer.ifi_index = (int)if_nametoindex("veth0");
	netlink_message(&batch, RTM_NEWLINK, 0, &peer, sizeof(peer));
	netlink_put(&batch, IFLA_NET_NS_FD, &container, sizeof(container));
	CHECK(netlink_send_route(&batch) == 0);
	CHECK(net_set_link("box0", true) == 0 && net_add_address("box0", "10.9.0.1/24") == 0);
	net_set_kernel("ipv4/ip_forward", "1");
	be_in_container(true);
	CHECK(net_set_link("veth0", true) == 0 && net_add_address("veth0", "10.9.0.2/24") == 0);
	CHECK(net_add_default_route("veth0", AF_INET, "10.9.0.1") == 0);
	be_in_container(false);
}

bool identify(const char *way_out)
{
	char params[512];

	snprintf(params, sizeof(params), "{'entropy':'%086d==','unix_ns':1,'hostname':'a','machine_id':'%032d'%s%s}", 0, 0,
		 way_out[0] == '\0' ? "" : ",", way_out);
	return host_call(&host, "identify", params);
}

void fresh_network(void)
{
	fresh();
	CHECK(identify("'gateway':true"));
}

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t read_address(const char *text, uint16_t port, union address *address)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
		address->any.sa_family = AF_INET;
		address->v4.sin_port = htons(port);
		return sizeof(address->v4);
	}
	CHECK(inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1);
	address->any.sa_family = AF_INET6;
	address->v6.sin6_port = htons(port);
	return sizeof(address->v6);
}

/* A socket for that family whose reads do not wait for ever. */
static int new_socket(int family, int type)
{
	struct timeval limit = {.tv_sec = WAIT_S};
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0);
	return fd;
}

int connected(int type, const char *text, uint16_t port)
{
	union address address;
	socklen_t size = read_address(text, port, &address);
	int fd = new_socket(address.any.sa_family, type);

	if (connect(fd, &address.any, size) == 0)
		return fd;
	close(fd);
	return -1;
}

int sending_fails(const char *text, uint16_t port)
{
	int fd = connected(SOCK_DGRAM, text, port);
	int outcome = fd < 0 || send(fd, "x", 1, 0) < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return outcome;
}

int listening(const char *text, uint16_t port)
{
	union address address;
	socklen_t size = read_address(text, port, &address);
	int fd = new_socket(address.any.sa_family, SOCK_STREAM);

	CHECK(bind(fd, &address.any, size) == 0 && listen(fd, 16) == 0);
	return fd;
}

bool is_reset(int fd)
{
	char got;

	return recv(fd, &got, 1, 0) < 0 && errno == ECONNRESET;
}

static json_t *find(const char *method, size_t wanted)
{
	size_t index;
	json_t *note;

	json_array_foreach (host.notes, index, note)
		if (strcmp(json_string_value(json_object_get(note, "method")), method) == 0 && wanted-- == 0)
			return json_object_get(note, "params");
	return NULL;
}

json_t *notified(const char *method, size_t index)
{
	UNTIL(&host, find(method, index) != NULL);
	return find(method, index);
}

size_t count_notified(const char *method)
{
	size_t count = 0;

	while (find(method, count) != NULL)
		count++;
	return count;
}
