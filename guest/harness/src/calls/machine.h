/* The calls about the machine. */
#ifndef AEGIS_CALLS_MACHINE_H
#define AEGIS_CALLS_MACHINE_H

#include <jansson.h>
#include <stdbool.h>

#include "channel/control.h"

void call_health(json_t *params, const struct ticket *ticket);
void call_mount(json_t *params, const struct ticket *ticket);
void call_share(json_t *params, const struct ticket *ticket);
void call_identify(json_t *params, const struct ticket *ticket);
void call_clock(json_t *params, const struct ticket *ticket);
void call_sync(json_t *params, const struct ticket *ticket);
void call_park(json_t *params, const struct ticket *ticket);
void call_shutdown(json_t *params, const struct ticket *ticket);

/* In tests, where the machine is not ours: share, identify and clock check their params and change at most its network. */
void calls_leave_machine_alone(bool except_network);

#endif
