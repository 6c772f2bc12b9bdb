/* The guest's network interfaces, configured by system calls alone. */
#ifndef AEGIS_NET_H
#define AEGIS_NET_H

#include <stdbool.h>
#include <stdint.h>

/* The interface that leads to the host's network, where there is one. */
#define NET_NIC "eth0"

/* Sets up an interface; address ("10.0.2.15/24") and gateway may be NULL. 0, or an errno, and *step names what failed. */
int net_configure(const char *interface, const char *address, const char *gateway, const char **step);

/* Gives each interface that is there from the start an Ethernet address that no other machine has, from its id. */
void net_take_macs(const char *machine_id);

/* The IPv4 address set last, in network order; 0 when there is none. */
uint32_t net_own_address(void);

/* The single steps. Each returns 0 or an errno. */
int net_make_link(const char *name, const char *kind);
int net_set_link(const char *interface, bool up);
/* An address of either family, with its prefix length. */
int net_add_address(const char *interface, const char *text);
/* Without a gateway, which is IPv4, everything is on the link. */
int net_add_default_route(const char *interface, int family, const char *gateway);

/* Writes a setting of /proc/sys/net, if this kernel has it. */
void net_set_kernel(const char *name, const char *value);

#endif
