/* Reading and writing the content of a file, in the worker. */
#include "file/content.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "file/draft.h"
#include "file/pipes.h"

enum { CHUNK = 1 << 20, ALIGNMENT = 4096 };

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

static int open_to_read(const char *path, struct stat *status)
{
	int fd;

	if (stat(path, status) != 0)
		pipes_fail("open");
	file_must_be_regular(status);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, status) != 0)
		pipes_fail("open");
	file_must_be_regular(status);
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

uint64_t content_send(int fd, const struct stat *status, int64_t offset, int64_t length)
{
	int64_t left = length;

	set_direct(fd, status->st_size - offset >= CHUNK && length >= CHUNK && offset % ALIGNMENT == 0);
	while (left > 0) {
		ssize_t sent = send_chunk(fd, left < CHUNK ? (size_t)left : CHUNK);

		if (sent == 0)
			break;
		left -= sent;
	}
	return (uint64_t)(length - left);
}

void file_read(const struct file_params *params)
{
	struct stat status;
	int fd = open_to_read(params->path, &status);

	if (params->offset > 0 && lseek(fd, params->offset, SEEK_SET) < 0)
		pipes_fail("seek");
	pipes_tell(FILE_STAGE_OPENED, &status, NULL, 0);
	content_send(fd, &status, params->offset, params->length);
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
static size_t receive_chunk(content_source *source)
{
	size_t size = 0;
	size_t got;

	do {
		got = source(chunk + size, CHUNK - size);
		size += got;
	} while (got > 0 && size < CHUNK);
	return size;
}

uint64_t content_receive(int fd, content_source *source)
{
	uint64_t total = 0;
	bool direct = false;
	size_t size;

	do {
		size = receive_chunk(source);
		if (direct != (size == CHUNK))
			set_direct(fd, direct = size == CHUNK);
		write_chunk(fd, size);
		total += size;
	} while (size == CHUNK);
	return total;
}

void file_write(const struct file_params *params)
{
	struct draft draft;
	struct stat status;

	draft_open(&draft, AT_FDCWD, params->path);
	content_receive(draft.fd, pipes_receive);
	draft_place(&draft, params->mode, params->mtime_ns, &status);
	pipes_tell(FILE_STAGE_DONE, &status, NULL, 0);
}
