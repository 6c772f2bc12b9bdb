/* Spawning: a checked request becomes a running process with its streams. */
#ifndef AEGIS_SPAWN_H
#define AEGIS_SPAWN_H

#include "channel/control.h"
#include "process/params.h"

/* Starts the process. The request is answered here on failure, and when execve has succeeded otherwise. */
void spawn(struct process_params *params, const char *exec_id, const struct ticket *ticket);

#endif
