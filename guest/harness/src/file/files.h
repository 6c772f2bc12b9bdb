/* The files of the guest, for the host: each call is done by a worker process, so that PID 1 never waits for a disk. */
#ifndef AEGIS_FILES_H
#define AEGIS_FILES_H

#include <sys/types.h>

#include "channel/control.h"
#include "file/params.h"

/* Workers at a time. */
enum { FILES_MAX = 64 };

/* Starts the worker. The request is answered once it has opened what it reads, or else has done all. */
void files_begin(const struct file_params *params, const struct ticket *ticket);

/* After each round of events: tells workers that all content has come, ends those whose content nobody wants. */
void files_turn(void);
/* A child was reaped, maybe a worker. */
void files_ended(pid_t pid);

#endif
