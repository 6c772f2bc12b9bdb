/* The guest's network interface, configured by system calls alone. */
#ifndef AEGIS_NET_H
#define AEGIS_NET_H

#include <stdint.h>

/* Brings an interface up; ignores one that does not exist. */
void net_link_up(const char *interface);

/* Sets up an interface; address ("10.0.2.15/24") and gateway may be NULL. 0, or an errno, and *step names what failed. */
int net_configure(const char *interface, const char *address, const char *gateway, const char **step);

/* Gives an interface an Ethernet address that no other machine has, from its id. Takes 25 ms while the link is up. */
void net_take_mac(const char *interface, const char *machine_id);

/* The IPv4 address set last, in network order; 0 when there is none. */
uint32_t net_own_address(void);

#endif
