/* The calls about connections and names. */
#ifndef AEGIS_CALLS_NETWORK_H
#define AEGIS_CALLS_NETWORK_H

#include <jansson.h>

#include "channel/control.h"

void call_connect(json_t *params, const struct ticket *ticket);
void call_accept(json_t *params, const struct ticket *ticket);
void call_refuse(json_t *params, const struct ticket *ticket);
void call_resolved(json_t *params, const struct ticket *ticket);

#endif
