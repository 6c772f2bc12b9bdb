/* The pipes between a worker and PID 1: reports to PID 1, content in one direction. The functions are for the worker. */
#ifndef AEGIS_FILE_PIPES_H
#define AEGIS_FILE_PIPES_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

enum file_stage {
	FILE_STAGE_OPENED = 1, /* read, list, archive: the content follows */
	FILE_STAGE_DONE, /* last report */
	FILE_STAGE_FAILED, /* last report */
};

enum { FILE_STEP_MAX = 100 };

/* Where a worker has the root of the image, which is open in PID 1. */
enum { PIPES_IMAGE = 6 };

/* What was unpacked. */
struct file_counts {
	uint64_t files;
	uint64_t directories;
	uint64_t symlinks;
	uint64_t bytes;
};

/* What a worker reports about its file. */
struct file_report {
	uint32_t stage;
	int32_t error; /* FAILED: an errno, 0 when the user is unknown */
	char step[FILE_STEP_MAX]; /* FAILED: the step that failed; with EBADMSG, what is wrong with what came */
	char type; /* as `ls -l` shows it: - d l p s c b */
	uint32_t mode; /* the lower twelve bits */
	uint32_t uid;
	uint32_t gid;
	uint64_t size;
	int64_t mtime_ns;
	struct file_counts counts; /* DONE after unpacking */
	uint32_t target_size;
	char target[PATH_MAX]; /* of a symlink, not terminated; FAILED: the file, of several */
};

/* The worker's ends of its pipes; -1 where there is none. */
struct file_pipes {
	int report;
	int data; /* the content */
	int go; /* write: one byte once all content has come; an end of file without it means to change nothing */
	int image; /* archive: its root directory */
};

/* Gives the pipes fixed numbers and closes every other descriptor but the standard streams. */
void pipes_take(const struct file_pipes *pipes);

/* Reports the errno as a failure, removes the unfinished file, and ends. */
_Noreturn void pipes_fail(const char *step);
_Noreturn void pipes_done(void);
_Noreturn void pipes_unpacked(const struct file_counts *counts);
/* Names the file, of several, that pipes_fail is about. */
void pipes_about(const char *path);
/* Reports the facts of the file; ends when the stage is DONE. `target` may be NULL. */
void pipes_tell(enum file_stage stage, const struct stat *status, const char *target, size_t target_size);
/* Names the file that pipes_fail removes; NULL for none. */
void pipes_unfinished(int directory, const char *name);

/* Sends content to the host. The worker ends when the host no longer reads. */
void pipes_send(const void *bytes, size_t size);
/* Sends content straight from a file; 0 at its end. -1 and EINVAL when this file system cannot do that. */
ssize_t pipes_send_from(int fd, size_t max);
/* Receives content from the host; 0 once all of it has come. */
size_t pipes_receive(void *bytes, size_t room);

/* Refuses devices and FIFOs: their content need not end, and opening them can have effects. */
void file_must_be_regular(const struct stat *status);

/* The facts of a file, as reports and listings have them. */
char file_type(const struct stat *status);
int64_t file_mtime_ns(const struct stat *status);

#endif
