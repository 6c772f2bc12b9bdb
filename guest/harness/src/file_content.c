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

enum { CHUNK = 1 << 20, ALIGNMENT = 4096, USUAL_MODE = 0644, TRIES = 16 };

static char chunk[CHUNK] __attribute__((aligned(ALIGNMENT)));
static bool never_direct;

/*
 * Whole chunks go past the page cache where the file system can: under emulation a page of it costs several times what
 * the disk does, and it is better filled with what the guest's programs use.
 */
static void set_direct(int fd, bool direct)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, direct && !never_direct ? flags | O_DIRECT : flags & ~O_DIRECT);
}

/* What was in the way was a call's interruption, or direct access that this file refuses after all. */
static bool try_again(int fd)
{
	bool refused = errno == EINVAL && (fcntl(fd, F_GETFL) & O_DIRECT) != 0;

	if (refused) {
		never_direct = true;
		set_direct(fd, false);
	}
	return refused || errno == EINTR;
}

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
static ssize_t send_chunk(int fd, size_t most)
{
	ssize_t got = file_worker_send_from(fd, most);

	if (got < 0 && errno == EINVAL) {
		do {
			got = read(fd, chunk, most);
		} while (got < 0 && try_again(fd));
		if (got > 0)
			file_worker_send(chunk, (size_t)got);
	}
	if (got < 0)
		file_worker_fail("read");
	return got;
}

/* Whether what is asked for is whole chunks for the most part, and begins where the disk can. */
static bool has_whole_chunks(const struct file_params *params, const struct stat *status)
{
	int64_t there = status->st_size - params->offset;

	return there >= CHUNK && params->length >= CHUNK && params->offset % ALIGNMENT == 0;
}

void file_read(const struct file_params *params)
{
	struct stat status;
	int fd = open_to_read(params->path, &status);
	int64_t left = params->length;

	if (params->offset > 0 && lseek(fd, params->offset, SEEK_SET) < 0)
		file_worker_fail("seek");
	file_worker_tell(FILE_STAGE_OPENED, &status, NULL, 0);
	set_direct(fd, has_whole_chunks(params, &status));
	while (left > 0) {
		ssize_t sent = send_chunk(fd, left < CHUNK ? (size_t)left : CHUNK);

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

		if (put > 0) {
			at += put;
			size -= (size_t)put;
			continue;
		}
		if (put == 0)
			errno = EIO; /* else this would go on for ever */
		if (!try_again(fd))
			file_worker_fail("write");
	}
}

/* Less than a whole chunk is the last. */
static size_t receive_chunk(void)
{
	size_t size = 0;
	size_t got;

	do {
		got = file_worker_receive(chunk + size, CHUNK - size);
		size += got;
	} while (got > 0 && size < CHUNK);
	return size;
}

static void receive_all(int fd)
{
	size_t size;

	do {
		size = receive_chunk();
		set_direct(fd, size == CHUNK);
		write_chunk(fd, size);
	} while (size == CHUNK);
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
