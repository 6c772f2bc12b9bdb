/* The harness that a driven test runs, one after the other. */
#ifndef AEGIS_DRIVEN_H
#define AEGIS_DRIVEN_H

#include "host.h"

extern struct host host;

/* Starts one and says hello. */
void fresh(void);

#endif
