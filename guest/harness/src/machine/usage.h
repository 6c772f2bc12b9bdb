/* What the guest has used since boot. The host tells from it whether the guest is idle. */
#ifndef AEGIS_USAGE_H
#define AEGIS_USAGE_H

#include <stdint.h>

/* User and system time of all processes. */
int64_t usage_cpu_ms(void);
/* Bytes received and sent by every interface but lo. */
int64_t usage_net_bytes(void);

/* The same, given the text of /proc/stat or /proc/net/dev. */
int64_t usage_cpu_ms_in(const char *stat);
int64_t usage_net_bytes_in(const char *devices);

#endif
