/* The process that carries out one file call as the user. It may block without holding up PID 1. */
#ifndef AEGIS_FILE_WORKER_H
#define AEGIS_FILE_WORKER_H

#include "file/params.h"
#include "file/pipes.h"

/* Runs in the forked child. */
_Noreturn void file_worker_run(const struct file_params *params, const struct file_pipes *pipes);

#endif
