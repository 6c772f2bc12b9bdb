/* The guest's network, by rtnetlink. */
#include "net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "net/netlink.h"
#include "net/rules.h"

static uint32_t own_address;

int net_make_link(const char *name, const char *kind)
{
	struct ifinfomsg body = {.ifi_family = AF_UNSPEC};
	struct netlink batch = {0};

	netlink_message(&batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
	netlink_put_text(&batch, IFLA_IFNAME, name);
	netlink_nest(&batch, IFLA_LINKINFO);
	netlink_put_text(&batch, IFLA_INFO_KIND, kind);
	netlink_end(&batch);
	return netlink_send_route(&batch);
}

int net_add_address(const char *interface, const char *text)
{
	struct ifaddrmsg body = {.ifa_flags = IFA_F_NODAD, .ifa_index = if_nametoindex(interface)};
	bool v6 = strchr(text, ':') != NULL;
	char address[INET6_ADDRSTRLEN];
	uint8_t bytes[16];
	size_t size = v6 ? 16 : 4;
	struct netlink batch = {0};
	char rest;

	body.ifa_family = v6 ? AF_INET6 : AF_INET;
	if (sscanf(text, "%45[0-9a-fA-F.:]/%hhu%c", address, &body.ifa_prefixlen, &rest) != 2 ||
	    inet_pton(body.ifa_family, address, bytes) != 1)
		return EINVAL;
	netlink_message(&batch, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof(body));
	netlink_put(&batch, IFA_LOCAL, bytes, size);
	netlink_put(&batch, IFA_ADDRESS, bytes, size);
	if (!v6)
		memcpy(&own_address, bytes, sizeof(own_address));
	return netlink_send_route(&batch);
}

int net_add_default_route(const char *interface, int family, const char *gateway)
{
	struct rtmsg body = {
		.rtm_family = (uint8_t)family,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = gateway != NULL ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};
	unsigned index = if_nametoindex(interface);
	struct netlink batch = {0};
	struct in_addr address;

	if (gateway != NULL && inet_pton(AF_INET, gateway, &address) != 1)
		return EINVAL;
	netlink_message(&batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof(body));
	netlink_put(&batch, RTA_OIF, &index, sizeof(index));
	if (gateway != NULL)
		netlink_put(&batch, RTA_GATEWAY, &address, sizeof(address));
	return netlink_send_route(&batch);
}

int net_set_link(const char *interface, bool up)
{
	struct ifinfomsg body = {.ifi_index = (int)if_nametoindex(interface), .ifi_flags = up ? IFF_UP : 0, .ifi_change = IFF_UP};
	struct netlink batch = {0};

	netlink_message(&batch, RTM_NEWLINK, 0, &body, sizeof(body));
	return netlink_send_route(&batch);
}

void net_set_kernel(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, value, strlen(value)) < 0)
		log_line("%s: %s", path, strerror(errno));
	close(fd);
}

/* The host gives the guest IPv4 only. IPv6 on the link would cost packets and timers at each start. Loopback keeps it. */
static void without_ipv6(const char *interface)
{
	char name[sizeof("ipv6/conf//disable_ipv6") + IFNAMSIZ];

	snprintf(name, sizeof(name), "ipv6/conf/%.*s/disable_ipv6", IFNAMSIZ - 1, interface);
	net_set_kernel(name, "1");
}

int net_configure(const char *interface, const char *address, const char *gateway, const char **step)
{
	int outcome;

	*step = "link";
	without_ipv6(interface);
	outcome = net_set_link(interface, true);
	if (outcome != 0)
		return outcome;
	*step = "address";
	outcome = address != NULL ? net_add_address(interface, address) : 0;
	if (outcome != 0)
		return outcome;
	*step = "gateway";
	return gateway != NULL ? net_add_default_route(interface, AF_INET, gateway) : 0;
}

void net_take_macs(const char *machine_id)
{
	/* The last one comes with the driver of GATEWAY_INTERFACE. */
	static const char *const interfaces[] = {NET_NIC, GATEWAY_INTERFACE, "dummy0"};
	struct ifreq request = {.ifr_hwaddr.sa_family = ARPHRD_ETHER};
	uint8_t *mac = (uint8_t *)request.ifr_hwaddr.sa_data;
	int fd;

	if (sscanf(machine_id, "%2hhx%2hhx%2hhx%2hhx%2hhx%2hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]) != 6)
		return;
	mac[0] = (mac[0] & 0xfc) | 0x02; /* locally administered, and of one station */
	/* Less code of the kernel than by rtnetlink, and in a VM that was just restored all of it runs for the first time. */
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (size_t i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++) {
		snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interfaces[i]);
		if (ioctl(fd, SIOCSIFHWADDR, &request) != 0 && errno != ENODEV)
			log_line("net: %s keeps the address of its template: %s", interfaces[i], strerror(errno));
		mac[5]++;
	}
	close(fd);
}

uint32_t net_own_address(void)
{
	return own_address;
}
