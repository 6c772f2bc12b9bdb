/* The process that does one thing with a file, as the user asked for: it may block, and nobody else waits. */
#ifndef AEGIS_FILE_WORKER_H
#define AEGIS_FILE_WORKER_H

#include <sys/types.h>

#include "file_params.h"
#include "file_report.h"

/* The worker's ends of its pipes; -1 where there is none. */
struct file_pipes {
	int report;
	int data; /* the content */
	int go; /* write: one byte, when all of the content has come; its end without one means to leave all as it was */
};

/* In the forked child. Keeps no other descriptor of the harness's. */
_Noreturn void file_worker_run(const struct file_params *params, const struct file_pipes *pipes);

/* For the operations, which run in the worker. */

_Noreturn void file_worker_fail(const char *step);
_Noreturn void file_worker_done(void);
/* Says what was opened, or what it is at the end. `target` may be NULL. */
void file_worker_tell(enum file_stage stage, const struct stat *status, const char *target, size_t target_size);
/* A file to remove when the worker fails; NULL: none any more. */
void file_worker_unfinished(int directory, const char *name);

/* Content for the host. The worker ends when it is not wanted any more. */
void file_worker_send(const void *bytes, size_t size);
/* The same straight from a file; 0 at its end. -1 and EINVAL: this file system cannot. */
ssize_t file_worker_send_from(int fd, size_t most);
/* Content from the host; 0 when all of it has come. */
size_t file_worker_receive(void *bytes, size_t room);

/* The operations (file_content.c, file_tree.c). Each ends the worker when it fails. */
void file_read(const struct file_params *params);
void file_write(const struct file_params *params);
void file_list(const struct file_params *params);
void file_stat(const struct file_params *params);
void file_mkdir(const struct file_params *params);
void file_rename(const struct file_params *params);
void file_remove(const struct file_params *params);
void file_symlink(const struct file_params *params);

#endif
