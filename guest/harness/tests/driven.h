/* The harness that a driven test runs, one at a time. */
#ifndef AEGIS_DRIVEN_H
#define AEGIS_DRIVEN_H

#include "host.h"

extern struct host host;

/* Starts a harness and begins a session. */
void fresh(void);

#endif
