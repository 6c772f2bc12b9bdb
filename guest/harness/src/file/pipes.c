/* The pipes of a worker, from the worker's side. */
#include "file/pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { REPORT = 3, DATA, GO, ABOVE = PIPES_IMAGE + 1, COUNT = ABOVE - REPORT, OUT_OF_THE_WAY = 64 };

static int unfinished_directory = -1;
static const char *unfinished;
static const char *about;

char file_type(const struct stat *status)
{
	switch (status->st_mode & S_IFMT) {
	case S_IFDIR:
		return 'd';
	case S_IFLNK:
		return 'l';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	case S_IFCHR:
		return 'c';
	case S_IFBLK:
		return 'b';
	default:
		return '-';
	}
}

void file_must_be_regular(const struct stat *status)
{
	if (S_ISREG(status->st_mode))
		return;
	errno = S_ISDIR(status->st_mode) ? EISDIR : EINVAL;
	pipes_fail(S_ISDIR(status->st_mode) ? "open" : "not a regular file");
}

int64_t file_mtime_ns(const struct stat *status)
{
	return status->st_mtim.tv_sec * 1000000000LL + status->st_mtim.tv_nsec;
}

void pipes_take(const struct file_pipes *pipes)
{
	const int given[COUNT] = {pipes->report, pipes->data, pipes->go, pipes->image};
	int moved[COUNT];

	for (int i = 0; i < COUNT; i++)
		moved[i] = given[i] < 0 ? -1 : fcntl(given[i], F_DUPFD, OUT_OF_THE_WAY);
	for (int i = 0; i < COUNT; i++) {
		if (moved[i] >= 0)
			dup2(moved[i], REPORT + i);
		else
			close(REPORT + i);
	}
	syscall(SYS_close_range, ABOVE, ~0U, 0);
}

static bool write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t put = write(fd, at, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		size -= (size_t)put;
	}
	return true;
}

/* Sends the last report, and ends. */
static _Noreturn void report(const struct file_report *last)
{
	_exit(write_all(REPORT, last, sizeof(*last)) ? 0 : 1);
}

_Noreturn void pipes_fail(const char *step)
{
	struct file_report failure = {.stage = FILE_STAGE_FAILED, .error = errno};

	strncpy(failure.step, step, sizeof(failure.step) - 1);
	if (about != NULL) {
		failure.target_size = (uint32_t)strnlen(about, sizeof(failure.target) - 1);
		memcpy(failure.target, about, failure.target_size);
	}
	if (unfinished != NULL)
		unlinkat(unfinished_directory, unfinished, 0);
	report(&failure);
}

void pipes_about(const char *path)
{
	about = path;
}

_Noreturn void pipes_unpacked(const struct file_counts *counts)
{
	struct file_report done = {.stage = FILE_STAGE_DONE, .counts = *counts};

	report(&done);
}

_Noreturn void pipes_done(void)
{
	struct file_report done = {.stage = FILE_STAGE_DONE};

	report(&done);
}

void pipes_tell(enum file_stage stage, const struct stat *status, const char *target, size_t target_size)
{
	struct file_report facts = {
		.stage = stage,
		.type = file_type(status),
		.mode = status->st_mode & 07777,
		.uid = status->st_uid,
		.gid = status->st_gid,
		.size = (uint64_t)status->st_size,
		.mtime_ns = file_mtime_ns(status),
	};

	if (target != NULL && target_size <= sizeof(facts.target)) {
		facts.target_size = (uint32_t)target_size;
		memcpy(facts.target, target, target_size);
	}
	if (stage == FILE_STAGE_DONE)
		report(&facts);
	if (!write_all(REPORT, &facts, sizeof(facts)))
		_exit(1);
}

void pipes_unfinished(int directory, const char *name)
{
	unfinished_directory = directory;
	unfinished = name;
}

void pipes_send(const void *bytes, size_t size)
{
	if (!write_all(DATA, bytes, size))
		_exit(1);
}

size_t pipes_receive(void *bytes, size_t room)
{
	char go;
	ssize_t got;

	do {
		got = read(DATA, bytes, room);
	} while (got < 0 && errno == EINTR);
	if (got > 0)
		return (size_t)got;
	errno = ECANCELED;
	if (got < 0 || read(GO, &go, 1) != 1)
		pipes_fail("write");
	return 0;
}

ssize_t pipes_send_from(int fd, size_t max)
{
	ssize_t sent;

	do {
		sent = splice(fd, NULL, DATA, NULL, max, SPLICE_F_MORE);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0 && errno == EPIPE)
		_exit(1);
	return sent;
}
