/* The calls of the host. */
#ifndef AEGIS_CALLS_H
#define AEGIS_CALLS_H

#include <jansson.h>

#include "channel/control.h"

/* Runs the method, which answers now or later. */
void calls_dispatch(const char *method, json_t *params, const struct ticket *ticket);

#endif
