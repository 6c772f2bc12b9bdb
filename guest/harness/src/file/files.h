/* File calls. A worker process carries out each of them, so that PID 1 never waits for a disk. */
#ifndef AEGIS_FILES_H
#define AEGIS_FILES_H

#include <sys/types.h>

#include "channel/control.h"
#include "file/params.h"

enum { FILES_MAX = 64 /* at a time */ };

/* Starts the worker. A read or list is answered once the file is open, other calls at their end. */
void files_begin(const struct file_params *params, const struct ticket *ticket);

/* Called after each round of events: tells writers that all content has come, ends readers whose content is not wanted. */
void files_turn(void);
/* A child was reaped, possibly a worker. */
void files_ended(pid_t pid);

#endif
