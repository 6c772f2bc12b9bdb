/* Spawning: a checked request becomes a running process with its streams. */
#ifndef AEGIS_SPAWN_H
#define AEGIS_SPAWN_H

#include "channel/control.h"
#include "process/params.h"

/* Starts the process. Answers the request when that fails, else once execve has succeeded. */
void spawn(struct process_params *params, const char *exec_id, const struct ticket *ticket);

#endif
