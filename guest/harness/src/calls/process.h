/* The calls about processes. */
#ifndef AEGIS_CALLS_PROCESS_H
#define AEGIS_CALLS_PROCESS_H

#include <jansson.h>

#include "channel/control.h"

void call_run(json_t *params, const struct ticket *ticket);
void call_exec(json_t *params, const struct ticket *ticket);
void call_signal(json_t *params, const struct ticket *ticket);
void call_resize(json_t *params, const struct ticket *ticket);
void call_kill(json_t *params, const struct ticket *ticket);
void call_checkpoint(json_t *params, const struct ticket *ticket);
void call_release(json_t *params, const struct ticket *ticket);
void call_adopt(json_t *params, const struct ticket *ticket);

#endif
