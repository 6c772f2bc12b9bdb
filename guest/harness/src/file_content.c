/* Reading and writing the content of a file, in the worker. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "file_worker.h"

enum { CHUNK = 262144, USUAL_MODE = 0644, TRIES = 16 };

static char chunk[CHUNK];

/* Refuses what is no regular file: a device or a FIFO has no content that ends, and opening one may do something. */
static void must_be_regular(const struct stat *status)
{
	if (S_ISREG(status->st_mode))
		return;
	errno = S_ISDIR(status->st_mode) ? EISDIR : EINVAL;
	file_worker_fail(S_ISDIR(status->st_mode) ? "open" : "not a regular file");
}

static int open_to_read(const char *path, struct stat *status)
{
	int fd;

	if (stat(path, status) != 0)
		file_worker_fail("open");
	must_be_regular(status);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, status) != 0)
		file_worker_fail("open");
	must_be_regular(status);
	return fd;
}

/* 0: the file ends here. */
static ssize_t send_some(int fd, size_t most)
{
	ssize_t got = file_worker_send_from(fd, most);

	if (got >= 0)
		return got;
	do {
		got = errno == EINVAL || errno == EINTR ? read(fd, chunk, most) : -1;
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		file_worker_fail("read");
	file_worker_send(chunk, (size_t)got);
	return got;
}

void file_read(const struct file_params *params)
{
	struct stat status;
	int fd = open_to_read(params->path, &status);
	int64_t left = params->length;

	if (params->offset > 0 && lseek(fd, params->offset, SEEK_SET) < 0)
		file_worker_fail("seek");
	file_worker_tell(FILE_STAGE_OPENED, &status, NULL, 0);
	while (left > 0) {
		ssize_t sent = send_some(fd, left < CHUNK ? (size_t)left : CHUNK);

		if (sent == 0)
			return;
		left -= sent;
	}
}

/* A file that is being written beside the one that it will replace. */
struct draft {
	char path[PATH_MAX]; /* with the symlinks at its end resolved */
	const char *name; /* the last part of path */
	char own_name[40];
	bool replaces;
	struct stat replaced;
	int directory;
	int fd;
};

/* Finds out what is there now: a symlink is followed, a file is replaced, anything else is refused. */
static void look_at_place(const char *path, struct draft *draft)
{
	if (strlen(path) >= sizeof(draft->path)) {
		errno = ENAMETOOLONG;
		file_worker_fail("open");
	}
	strcpy(draft->path, path);
	if (lstat(path, &draft->replaced) != 0) {
		if (errno != ENOENT)
			file_worker_fail("open");
		return;
	}
	if (S_ISLNK(draft->replaced.st_mode) &&
	    (realpath(path, draft->path) == NULL || stat(draft->path, &draft->replaced) != 0))
		file_worker_fail("follow the symlink");
	must_be_regular(&draft->replaced);
	draft->replaces = true;
}

static void open_directory(struct draft *draft)
{
	char *slash = strrchr(draft->path, '/');

	draft->name = slash + 1;
	if (draft->name[0] == '\0') {
		errno = EISDIR;
		file_worker_fail("open");
	}
	*slash = '\0';
	draft->directory = open(draft->path[0] == '\0' ? "/" : draft->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (draft->directory < 0)
		file_worker_fail("open the directory");
}

static void open_draft(struct draft *draft)
{
	uint64_t number = 0;

	for (int i = 0; i < TRIES; i++) {
		if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
			file_worker_fail("create");
		snprintf(draft->own_name, sizeof(draft->own_name), ".aegis-%016llx", (unsigned long long)number);
		draft->fd = openat(draft->directory, draft->own_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (draft->fd >= 0) {
			file_worker_unfinished(draft->directory, draft->own_name);
			return;
		}
		if (errno != EEXIST)
			break;
	}
	file_worker_fail("create");
}

static void write_chunk(int fd, size_t size)
{
	const char *at = chunk;

	while (size > 0) {
		ssize_t put = write(fd, at, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			file_worker_fail("write");
		at += put;
		size -= (size_t)put;
	}
}

static void receive_all(int fd)
{
	while (true) {
		ssize_t moved = file_worker_receive_into(fd, CHUNK);
		size_t got;

		if (moved > 0)
			continue;
		if (moved < 0 && errno != EINVAL)
			file_worker_fail("write");
		got = file_worker_receive(chunk, sizeof(chunk));
		if (got == 0)
			return;
		write_chunk(fd, got);
	}
}

/* Owner and mode of what it replaces, where this user may give them, or the mode that was asked for. */
static void dress(const struct draft *draft, const struct file_params *params)
{
	mode_t mode = draft->replaces ? draft->replaced.st_mode & 07777 : USUAL_MODE;
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = 0}};

	if (draft->replaces && fchown(draft->fd, draft->replaced.st_uid, draft->replaced.st_gid) != 0)
		mode &= 0777;
	if (params->mode >= 0)
		mode = (mode_t)params->mode;
	if (fchmod(draft->fd, mode) != 0)
		file_worker_fail("set the mode");
	times[1].tv_sec = params->mtime_ns / 1000000000;
	times[1].tv_nsec = (long)(params->mtime_ns % 1000000000);
	if (params->mtime_ns > 0 && futimens(draft->fd, times) != 0)
		file_worker_fail("set the time");
}

void file_write(const struct file_params *params)
{
	struct draft draft = {.fd = -1};
	struct stat status;

	look_at_place(params->path, &draft);
	open_directory(&draft);
	open_draft(&draft);
	receive_all(draft.fd);
	dress(&draft, params);
	if (fstat(draft.fd, &status) != 0 || close(draft.fd) != 0) /* some file systems only now say that they are full */
		file_worker_fail("write");
	if (renameat(draft.directory, draft.own_name, draft.directory, draft.name) != 0)
		file_worker_fail("replace");
	file_worker_unfinished(-1, NULL);
	file_worker_tell(FILE_STAGE_DONE, &status, NULL, 0);
}
