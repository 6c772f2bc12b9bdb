/* Identity: what distinguishes a VM from others. Set after a boot or a restore, before anything runs. */
#ifndef AEGIS_IDENTITY_H
#define AEGIS_IDENTITY_H

#include <stdint.h>

#include "machine/params.h"

/* Applies all of it. 0, or an errno, and *step names what failed. */
int identity_apply(const struct identity_params *params, const char **step);
int identity_set_clock(int64_t unix_ns);
/* Its addresses, and its way out: a network, the gateway, or none. */
int identity_set_network(const struct identity_params *params, const char **step);

#endif
