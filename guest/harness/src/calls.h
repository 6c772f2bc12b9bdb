/* The calls of the host: every method once, in one table. */
#ifndef AEGIS_CALLS_H
#define AEGIS_CALLS_H

#include <jansson.h>

#include "control.h"

/* Runs the method, which answers now or later. */
void calls_dispatch(const char *method, json_t *params, const struct ticket *ticket);

/* About the machine (calls_machine.c). */
void call_health(json_t *params, const struct ticket *ticket);
void call_mount(json_t *params, const struct ticket *ticket);
void call_rehearse(json_t *params, const struct ticket *ticket);
void call_share(json_t *params, const struct ticket *ticket);
void call_identify(json_t *params, const struct ticket *ticket);
void call_clock(json_t *params, const struct ticket *ticket);
void call_sync(json_t *params, const struct ticket *ticket);
void call_park(json_t *params, const struct ticket *ticket);
void call_shutdown(json_t *params, const struct ticket *ticket);

/* About processes and connections (calls_process.c). */
void call_run(json_t *params, const struct ticket *ticket);
void call_exec(json_t *params, const struct ticket *ticket);
void call_signal(json_t *params, const struct ticket *ticket);
void call_resize(json_t *params, const struct ticket *ticket);
void call_kill(json_t *params, const struct ticket *ticket);
void call_connect(json_t *params, const struct ticket *ticket);

/* About files (calls_file.c). */
void call_file_read(json_t *params, const struct ticket *ticket);
void call_file_write(json_t *params, const struct ticket *ticket);
void call_file_list(json_t *params, const struct ticket *ticket);
void call_file_stat(json_t *params, const struct ticket *ticket);
void call_file_mkdir(json_t *params, const struct ticket *ticket);
void call_file_rename(json_t *params, const struct ticket *ticket);
void call_file_remove(json_t *params, const struct ticket *ticket);
void call_file_symlink(json_t *params, const struct ticket *ticket);

/* In tests: the machine is not ours, so mount, share, identify and clock check their params and change nothing. */
void calls_leave_machine_alone(void);

#endif
