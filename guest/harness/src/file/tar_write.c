/* Writes a tar stream, in the worker. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "file/pipes.h"
#include "file/tar.h"

enum { OUT_SIZE = 262144 };

static uint8_t out[OUT_SIZE];
static size_t held;
static char records[TAR_RECORDS_MAX];
static size_t records_size;

void tar_flush(void)
{
	pipes_send(out, held);
	held = 0;
}

void tar_put(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	while (size > 0) {
		size_t fits = OUT_SIZE - held < size ? OUT_SIZE - held : size;

		memcpy(out + held, at, fits);
		at += fits;
		size -= fits;
		held += fits;
		if (held == OUT_SIZE)
			tar_flush();
	}
}

uint64_t tar_put_from(int fd, uint64_t size)
{
	uint64_t done = 0;

	while (done < size) {
		size_t most = OUT_SIZE - held < size - done ? OUT_SIZE - held : (size_t)(size - done);
		ssize_t got = read(fd, out + held, most);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			pipes_fail("read");
		if (got == 0)
			break;
		done += (uint64_t)got;
		held += (size_t)got;
		if (held == OUT_SIZE)
			tar_flush();
	}
	return done;
}

void tar_put_padding(uint64_t size)
{
	static const uint8_t zeros[TAR_BLOCK];

	tar_put(zeros, (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

/* In octal digits, or in base 256 where those are too few. */
static void number(char *field, size_t size, uint64_t value)
{
	bool fits = value >> (3 * (size - 1)) == 0;

	if (fits)
		field[--size] = '\0';
	for (size_t i = size; i > 0; i--) {
		field[i - 1] = (char)(fits ? '0' + (value & 7) : value & 0xff);
		value >>= fits ? 3 : 8;
	}
	if (!fits)
		field[0] = (char)0x80;
}

static void put_header(char type, const char *name, const char *link, uint64_t size, const struct stat *status)
{
	struct tar_header header = {.type = type};
	uint64_t sum = 0;

	memcpy(header.name, name, strnlen(name, sizeof(header.name)));
	memcpy(header.link, link, strnlen(link, sizeof(header.link)));
	memcpy(header.magic, "ustar\00000", sizeof(header.magic));
	number(header.mode, sizeof(header.mode), status->st_mode & 07777);
	number(header.uid, sizeof(header.uid), status->st_uid);
	number(header.gid, sizeof(header.gid), status->st_gid);
	number(header.size, sizeof(header.size), size);
	number(header.mtime, sizeof(header.mtime), status->st_mtime > 0 ? (uint64_t)status->st_mtime : 0);
	number(header.major, sizeof(header.major), major(status->st_rdev));
	number(header.minor, sizeof(header.minor), minor(status->st_rdev));
	memset(header.sum, ' ', sizeof(header.sum));
	for (size_t i = 0; i < sizeof(header); i++)
		sum += ((const uint8_t *)&header)[i];
	number(header.sum, sizeof(header.sum) - 1, sum);
	tar_put(&header, sizeof(header));
}

/* A record that precedes an entry: its length, which counts its own digits, a key and a value. */
void tar_put_record(const char *key, const void *value, size_t size)
{
	size_t rest = strlen(key) + size + sizeof(" =");
	size_t length = rest;
	char digits[24] = "";

	while (length != rest + (size_t)snprintf(digits, sizeof(digits), "%zu", length))
		length = rest + strlen(digits);
	errno = E2BIG;
	if (length + 1 > sizeof(records) - records_size)
		pipes_fail("describe a file");
	records_size += (size_t)sprintf(records + records_size, "%s %s=", digits, key);
	memcpy(records + records_size, value, size);
	records_size += size;
	records[records_size++] = '\n';
}

/* A name that is long, or whose encoding only a record tells. */
static bool needs_record(const char *name)
{
	size_t size = 0;

	while ((signed char)name[size] > 0) /* ASCII */
		size++;
	return name[size] != '\0' || size > sizeof(((struct tar_header *)NULL)->name);
}

void tar_put_entry(char type, const char *name, const char *link, uint64_t size, const struct stat *status)
{
	static const struct stat none;

	if (needs_record(name))
		tar_put_record("path", name, strlen(name));
	if (needs_record(link))
		tar_put_record("linkpath", link, strlen(link));
	if (records_size > 0) {
		put_header('x', "records", "", records_size, &none);
		tar_put(records, records_size);
		tar_put_padding(records_size);
		records_size = 0;
	}
	put_header(type, name, link, size, status);
}

void tar_put_end(void)
{
	static const uint8_t end[2 * TAR_BLOCK];

	tar_put(end, sizeof(end));
	tar_flush();
}
