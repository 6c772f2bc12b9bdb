/* The addresses that a guest gets with its identity. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "driven.h"
#include "net/net.h"
#include "network.h"

/* 64 bytes in base64. */
#define ENTROPY "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000=="

/* The Ethernet address of an interface, as a number. */
static uint64_t mac_of(const char *interface)
{
	struct ifreq request = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t mac = 0;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	CHECK(fd >= 0 && ioctl(fd, SIOCGIFHWADDR, &request) == 0);
	close(fd);
	memcpy(&mac, request.ifr_hwaddr.sa_data, 6);
	return mac;
}

/* Those of aegis0 are seen in ForkTest: what stands for it where there are no dummy interfaces may have none. */
static void each_identity_has_addresses_of_its_own(void)
{
	uint64_t before;

	CHECK(net_make_link("dummy0", "veth") == 0);
	fresh_network();
	before = mac_of("dummy0");
	CHECK((before & 3) == 2); /* locally administered, unicast */
	CHECK(host_call(&host, "identify", "{'entropy':'" ENTROPY "','unix_ns':1,'hostname':'a','gateway':true,"
					   "'machine_id':'00112233445566778899aabbccddeeff'}"));
	CHECK(mac_of("dummy0") != before);
	CHECK(host_call(&host, "health", "{}") && count_notified("cut") == 0);
	host_stop(&host);
}

int main(int argc, char **argv)
{
	CHECK(argc > 1);
	host_program = argv + 1;
	enter_network();
	RUN(each_identity_has_addresses_of_its_own);
	return 0;
}
