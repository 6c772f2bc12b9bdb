/* The guest's network: link by ioctl, address and default route by rtnetlink. */
#include "net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

static uint32_t own_address;
static char applied[256]; /* what was set up last */

/* A netlink message under construction. */
struct request {
	struct nlmsghdr header;
	union {
		struct ifaddrmsg address;
		struct rtmsg route;
	} body;
	uint8_t attributes[64];
};

static void add_attribute(struct request *request, unsigned short type, const void *value, size_t size)
{
	struct rtattr attribute = {.rta_type = type, .rta_len = (unsigned short)RTA_LENGTH(size)};
	uint8_t *end = (uint8_t *)request + NLMSG_ALIGN(request->header.nlmsg_len);

	memcpy(end, &attribute, sizeof(attribute));
	memcpy(end + RTA_LENGTH(0), value, size);
	request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + (uint32_t)RTA_ALIGN(attribute.rta_len);
}

/* Sends the message and reads the kernel's answer: 0 or an errno. */
static int ask_kernel(struct request *request)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		uint8_t rest[512];
	} reply;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int outcome = 0;

	if (fd < 0)
		return errno;
	request->header.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	if (send(fd, request, request->header.nlmsg_len, 0) < 0 || recv(fd, &reply, sizeof(reply), 0) < 0)
		outcome = errno;
	else if (reply.header.nlmsg_type == NLMSG_ERROR)
		outcome = -reply.error.error;
	close(fd);
	return outcome;
}

/* "10.0.2.15/24" */
static bool read_address(const char *text, struct in_addr *address, uint8_t *prefix)
{
	char copy[INET_ADDRSTRLEN + 4];
	char *slash;
	char *end;
	unsigned long bits;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	bits = strtoul(slash + 1, &end, 10);
	*prefix = (uint8_t)bits;
	return slash[1] != '\0' && *end == '\0' && bits <= 32 && inet_pton(AF_INET, copy, address) == 1;
}

static int set_address(int index, const char *text)
{
	struct request request = {.header.nlmsg_type = RTM_NEWADDR};
	struct in_addr address;

	request.header.nlmsg_len = NLMSG_LENGTH(sizeof(request.body.address));
	request.header.nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	request.body.address.ifa_family = AF_INET;
	request.body.address.ifa_index = (uint32_t)index;
	if (!read_address(text, &address, &request.body.address.ifa_prefixlen))
		return EINVAL;
	add_attribute(&request, IFA_LOCAL, &address, sizeof(address));
	add_attribute(&request, IFA_ADDRESS, &address, sizeof(address));
	own_address = address.s_addr;
	return ask_kernel(&request);
}

static int set_gateway(int index, const char *text)
{
	struct request request = {.header.nlmsg_type = RTM_NEWROUTE};
	struct in_addr gateway;

	request.header.nlmsg_len = NLMSG_LENGTH(sizeof(request.body.route));
	request.header.nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	request.body.route.rtm_family = AF_INET;
	request.body.route.rtm_table = RT_TABLE_MAIN;
	request.body.route.rtm_protocol = RTPROT_BOOT;
	request.body.route.rtm_scope = RT_SCOPE_UNIVERSE;
	request.body.route.rtm_type = RTN_UNICAST;
	if (inet_pton(AF_INET, text, &gateway) != 1)
		return EINVAL;
	add_attribute(&request, RTA_GATEWAY, &gateway, sizeof(gateway));
	add_attribute(&request, RTA_OIF, &index, sizeof(index));
	return ask_kernel(&request);
}

static int set_up(int fd, struct ifreq *link)
{
	if (ioctl(fd, SIOCGIFFLAGS, link) != 0)
		return errno;
	if (link->ifr_flags & IFF_UP)
		return 0;
	link->ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, link) == 0 ? 0 : errno;
}

/* The host gives the guest IPv4 only. IPv6 on the link would cost packets and timers at each start. Loopback keeps it. */
static void without_ipv6(const char *interface)
{
	char path[sizeof("/proc/sys/net/ipv6/conf//disable_ipv6") + IFNAMSIZ];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%.*s/disable_ipv6", IFNAMSIZ - 1, interface);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return; /* a kernel without IPv6 */
	if (write(fd, "1", 1) != 1)
		log_line("net: cannot turn off IPv6 of %s: %s", interface, strerror(errno));
	close(fd);
}

static int open_link(const char *interface, struct ifreq *link)
{
	memset(link, 0, sizeof(*link));
	snprintf(link->ifr_name, sizeof(link->ifr_name), "%s", interface);
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

void net_link_up(const char *interface)
{
	struct ifreq link;
	int fd = open_link(interface, &link);

	if (fd < 0)
		return;
	set_up(fd, &link);
	close(fd);
}

static int configure(int fd, struct ifreq *link, const char *address, const char *gateway, const char **step)
{
	int outcome;
	int index;

	*step = "interface";
	if (ioctl(fd, SIOCGIFINDEX, link) != 0)
		return errno;
	index = link->ifr_ifindex;
	*step = "link";
	without_ipv6(link->ifr_name);
	outcome = set_up(fd, link);
	if (outcome != 0)
		return outcome;
	*step = "address";
	outcome = address != NULL ? set_address(index, address) : 0;
	if (outcome != 0)
		return outcome;
	*step = "gateway";
	return gateway != NULL ? set_gateway(index, gateway) : 0;
}

static const char *or_none(const char *text)
{
	return text != NULL ? text : "-";
}

int net_configure(const char *interface, const char *address, const char *gateway, const char **step)
{
	char wanted[sizeof(applied)];
	struct ifreq link;
	int outcome;
	int fd;

	/* A restored VM usually has the configuration of its template. Then there is nothing to do. */
	snprintf(wanted, sizeof(wanted), "%s %s %s", interface, or_none(address), or_none(gateway));
	if (strcmp(wanted, applied) == 0)
		return 0;
	*step = "socket";
	fd = open_link(interface, &link);
	if (fd < 0)
		return errno;
	outcome = configure(fd, &link, address, gateway, step);
	close(fd);
	strcpy(applied, outcome == 0 ? wanted : "");
	return outcome;
}

void net_take_mac(const char *interface, const char *machine_id)
{
	struct ifreq link;
	uint8_t mac[6];
	int fd = open_link(interface, &link);

	if (fd < 0 || sscanf(machine_id, "%2hhx%2hhx%2hhx%2hhx%2hhx%2hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
			     &mac[5]) != 6)
		return;
	mac[0] = (mac[0] & 0xfc) | 0x02; /* given by nobody, and of one station */
	link.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(link.ifr_hwaddr.sa_data, mac, sizeof(mac));
	if (ioctl(fd, SIOCSIFHWADDR, &link) != 0)
		log_line("net: %s keeps the address of its template: %s", interface, strerror(errno));
	close(fd);
}

uint32_t net_own_address(void)
{
	return own_address;
}
