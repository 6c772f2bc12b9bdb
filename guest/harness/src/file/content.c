/* Reading and writing the content of a file, in the worker. */
#include "file/content.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "file/pipes.h"

enum { CHUNK = 1 << 20, ALIGNMENT = 4096, USUAL_MODE = 0644, TRIES = 16 };

static char chunk[CHUNK] __attribute__((aligned(ALIGNMENT)));
static bool never_direct;

/*
 * Whole chunks bypass the page cache where the file system supports that. Under emulation, a page of the cache costs several
 * times what the disk does, and the cache is better filled with what the guest's programs use.
 */
static void set_direct(int fd, bool direct)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, direct && !never_direct ? flags | O_DIRECT : flags & ~O_DIRECT);
}

/* True: the call was interrupted, or the file refuses direct access after all. */
static bool try_again(int fd)
{
	bool refused = errno == EINVAL && (fcntl(fd, F_GETFL) & O_DIRECT) != 0;

	if (refused) {
		never_direct = true;
		set_direct(fd, false);
	}
	return refused || errno == EINTR;
}

/* Refuses devices and FIFOs: their content need not end, and opening them can have effects. */
static void must_be_regular(const struct stat *status)
{
	if (S_ISREG(status->st_mode))
		return;
	errno = S_ISDIR(status->st_mode) ? EISDIR : EINVAL;
	pipes_fail(S_ISDIR(status->st_mode) ? "open" : "not a regular file");
}

static int open_to_read(const char *path, struct stat *status)
{
	int fd;

	if (stat(path, status) != 0)
		pipes_fail("open");
	must_be_regular(status);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, status) != 0)
		pipes_fail("open");
	must_be_regular(status);
	return fd;
}

/* 0: the file ends here. */
static ssize_t send_chunk(int fd, size_t max)
{
	ssize_t got = pipes_send_from(fd, max);

	if (got < 0 && errno == EINVAL) {
		do {
			got = read(fd, chunk, max);
		} while (got < 0 && try_again(fd));
		if (got > 0)
			pipes_send(chunk, (size_t)got);
	}
	if (got < 0)
		pipes_fail("read");
	return got;
}

/* Whether the range is at least one chunk and begins at a block of the disk. */
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
		pipes_fail("seek");
	pipes_tell(FILE_STAGE_OPENED, &status, NULL, 0);
	set_direct(fd, has_whole_chunks(params, &status));
	while (left > 0) {
		ssize_t sent = send_chunk(fd, left < CHUNK ? (size_t)left : CHUNK);

		if (sent == 0)
			return;
		left -= sent;
	}
}

/* A file that is written next to the one that it will replace. */
struct draft {
	char path[PATH_MAX]; /* with a symlink at its end resolved */
	const char *name; /* the last part of path */
	char own_name[40];
	bool replaces;
	struct stat replaced;
	int directory;
	int fd;
};

/* Looks at what the path names now: a symlink is followed, a file is replaced, anything else is refused. */
static void look_at_place(const char *path, struct draft *draft)
{
	if (strlen(path) >= sizeof(draft->path)) {
		errno = ENAMETOOLONG;
		pipes_fail("open");
	}
	strcpy(draft->path, path);
	if (lstat(path, &draft->replaced) != 0) {
		if (errno != ENOENT)
			pipes_fail("open");
		return;
	}
	if (S_ISLNK(draft->replaced.st_mode) &&
	    (realpath(path, draft->path) == NULL || stat(draft->path, &draft->replaced) != 0))
		pipes_fail("follow the symlink");
	must_be_regular(&draft->replaced);
	draft->replaces = true;
}

static void open_directory(struct draft *draft)
{
	char *slash = strrchr(draft->path, '/');

	draft->name = slash + 1;
	if (draft->name[0] == '\0') {
		errno = EISDIR;
		pipes_fail("open");
	}
	*slash = '\0';
	draft->directory = open(draft->path[0] == '\0' ? "/" : draft->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (draft->directory < 0)
		pipes_fail("open the directory");
}

/* Makes the draft, or gives it a name; -1 where that cannot be, and the name is taken if errno is EEXIST. */
typedef int (*at_name)(const struct draft *draft);

static int create(const struct draft *draft)
{
	return openat(draft->directory, draft->own_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static int link_draft(const struct draft *draft)
{
	char open_file[sizeof("/proc/self/fd/") + 3 * sizeof(int)];

	snprintf(open_file, sizeof(open_file), "/proc/self/fd/%d", draft->fd);
	return linkat(AT_FDCWD, open_file, draft->directory, draft->own_name, AT_SYMLINK_FOLLOW);
}

static int at_own_name(struct draft *draft, at_name make)
{
	uint64_t number = 0;

	for (int i = 0; i < TRIES; i++) {
		int made;

		if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
			break;
		snprintf(draft->own_name, sizeof(draft->own_name), ".aegis-%016llx", (unsigned long long)number);
		made = make(draft);
		if (made >= 0) {
			pipes_unfinished(draft->directory, draft->own_name);
			return made;
		}
		if (errno != EEXIST)
			break;
	}
	pipes_fail("create");
}

/* Without a name where the file system can do that, so that a VM that is killed leaves nothing. */
static void open_draft(struct draft *draft)
{
	draft->fd = openat(draft->directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (draft->fd < 0)
		draft->fd = at_own_name(draft, create);
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
			errno = EIO; /* or this loop would not end */
		if (!try_again(fd))
			pipes_fail("write");
	}
}

/* A chunk that is not full is the last one. */
static size_t receive_chunk(void)
{
	size_t size = 0;
	size_t got;

	do {
		got = pipes_receive(chunk + size, CHUNK - size);
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

/* Sets owner and mode of the file that is replaced, where the user may set them. A mode in the params wins. */
static void set_attributes(const struct draft *draft, const struct file_params *params)
{
	mode_t mode = draft->replaces ? draft->replaced.st_mode & 07777 : USUAL_MODE;
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = 0}};

	if (draft->replaces && fchown(draft->fd, draft->replaced.st_uid, draft->replaced.st_gid) != 0)
		mode &= 0777;
	if (params->mode >= 0)
		mode = (mode_t)params->mode;
	if (fchmod(draft->fd, mode) != 0)
		pipes_fail("set the mode");
	times[1].tv_sec = params->mtime_ns / 1000000000;
	times[1].tv_nsec = (long)(params->mtime_ns % 1000000000);
	if (params->mtime_ns > 0 && futimens(draft->fd, times) != 0)
		pipes_fail("set the time");
}

void file_write(const struct file_params *params)
{
	struct draft draft = {.fd = -1};
	struct stat status;

	look_at_place(params->path, &draft);
	open_directory(&draft);
	open_draft(&draft);
	receive_all(draft.fd);
	set_attributes(&draft, params);
	if (draft.own_name[0] == '\0')
		at_own_name(&draft, link_draft);
	if (fstat(draft.fd, &status) != 0 || close(draft.fd) != 0) /* some file systems report that they are full only here */
		pipes_fail("write");
	if (renameat(draft.directory, draft.own_name, draft.directory, draft.name) != 0)
		pipes_fail("replace");
	pipes_unfinished(-1, NULL);
	pipes_tell(FILE_STAGE_DONE, &status, NULL, 0);
}
