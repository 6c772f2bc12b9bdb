/* Reads a tar stream that anybody may have made. What it says is bounded by what was read. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file/tar.h"

enum { IN_SIZE = 262144, MODES = 07777 };

static const char *const no_tar =
	"the upload is not a tar stream, or is cut short; if compressed, decompress it";

static tar_source *from;
static uint8_t in[IN_SIZE];
static size_t in_at;
static size_t in_end;
static int64_t left; /* of the content of the entry */
static size_t padding; /* after it */

/* What the headers before an entry say of it. */
static struct {
	bool has_size;
	bool has_mtime;
	bool is_sparse;
	int64_t size;
	int64_t mtime_ns;
	char name[PATH_MAX];
	char link[PATH_MAX];
} told;

void tar_begin(tar_source *source)
{
	from = source;
	in_at = in_end = padding = 0;
	left = 0;
}

int64_t tar_left(void)
{
	return left;
}

/* A long read goes past the buffer. */
static size_t some(void *bytes, size_t room)
{
	size_t size;

	if (in_at == in_end && room >= IN_SIZE)
		return from(bytes, room);
	if (in_at == in_end) {
		in_at = 0;
		in_end = from(in, IN_SIZE);
	}
	size = in_end - in_at < room ? in_end - in_at : room;
	memcpy(bytes, in + in_at, size);
	in_at += size;
	return size;
}

static bool all(void *bytes, size_t size)
{
	uint8_t *at = bytes;

	while (size > 0) {
		size_t got = some(at, size);

		if (got == 0)
			return false;
		at += got;
		size -= got;
	}
	return true;
}

size_t tar_content(void *bytes, size_t room)
{
	size_t got = some(bytes, left < (int64_t)room ? (size_t)left : room);

	left -= (int64_t)got;
	return got;
}

static void of_size(int64_t size)
{
	left = size;
	padding = (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

static bool skip(void)
{
	char block[TAR_BLOCK];

	while (left > 0)
		if (tar_content(block, sizeof(block)) == 0)
			return false;
	return all(block, padding);
}

/* Octal digits between blanks, or base 256; false for what is negative or too large. */
static bool number(const char *field, size_t size, int64_t *value)
{
	uint64_t sum = 0;
	size_t i = 0;

	if ((uint8_t)field[0] & 0x80) {
		sum = (uint8_t)field[0] & 0x7f;
		for (i = 1; i < size && sum >> 55 == 0; i++)
			sum = sum << 8 | (uint8_t)field[i];
		*value = (int64_t)sum;
		return i == size && sum <= INT64_MAX;
	}
	while (i < size && field[i] == ' ')
		i++;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		sum = sum << 3 | (uint64_t)(field[i] - '0');
	*value = (int64_t)sum;
	return i == size || field[i] == ' ' || field[i] == '\0';
}

static bool sum_is_right(const struct tar_header *header)
{
	const uint8_t *bytes = (const uint8_t *)header;
	int64_t expected;
	int64_t sum = 0;

	for (size_t i = 0; i < sizeof(*header); i++) {
		bool in_sum = i >= offsetof(struct tar_header, sum) && i < offsetof(struct tar_header, type);

		sum += in_sum ? ' ' : bytes[i];
	}
	return number(header->sum, sizeof(header->sum), &expected) && sum == expected;
}

/* False: a text that is too long, or has a zero byte in it. */
static bool take_text(char *to, const char *value, size_t size)
{
	if (size >= PATH_MAX || memchr(value, '\0', size) != NULL)
		return false;
	memcpy(to, value, size);
	to[size] = '\0';
	return true;
}

/* A number of seconds, such as 1577934245.0625. */
static bool take_time(const char *value)
{
	char *end;
	int64_t seconds = strtoll(value, &end, 10);
	int64_t nanoseconds = 0;
	int64_t weight = 100000000;

	if (end == value || seconds > INT64_MAX / 1000000000 - 1)
		return false;
	for (end += *end == '.'; *end >= '0' && *end <= '9'; end++, weight /= 10)
		nanoseconds += (*end - '0') * weight;
	told.has_mtime = true;
	told.mtime_ns = seconds < 0 ? 0 : seconds * 1000000000 + nanoseconds;
	return true;
}

static bool take_size(const char *value)
{
	char *end;

	errno = 0;
	told.size = strtoll(value, &end, 10);
	told.has_size = true;
	return end != value && *end == '\n' && errno == 0 && told.size >= 0;
}

static bool take_record(const char *key, const char *value, size_t size)
{
	if (strcmp(key, "path") == 0)
		return take_text(told.name, value, size);
	if (strcmp(key, "linkpath") == 0)
		return take_text(told.link, value, size);
	if (strcmp(key, "size") == 0)
		return take_size(value);
	if (strcmp(key, "mtime") == 0)
		return take_time(value);
	told.is_sparse = told.is_sparse || strncmp(key, "GNU.sparse.", strlen("GNU.sparse.")) == 0;
	return true;
}

/* Records such as "17 path=a/b/c/d\n", whose length counts all of it. The bytes end with a zero. */
static bool take_records(char *bytes, size_t size)
{
	while (size > 0) {
		char *key;
		size_t length = strtoul(bytes, &key, 10);
		char *equals;

		if (length == 0 || length > size || *key != ' ' || bytes[length - 1] != '\n')
			return false;
		key++;
		equals = key < bytes + length ? memchr(key, '=', (size_t)(bytes + length - key)) : NULL;
		if (equals == NULL)
			return false;
		*equals = '\0';
		if (!take_record(key, equals + 1, (size_t)(bytes + length - 1 - (equals + 1))))
			return false;
		bytes += length;
		size -= length;
	}
	return true;
}

/* A header before an entry: extended records, or a long name of GNU tar. */
static bool take_extension(char type)
{
	static char bytes[TAR_RECORDS_MAX + 1];
	size_t size = (size_t)left;

	if (left > TAR_RECORDS_MAX || !all(bytes, size))
		return false;
	left = 0;
	bytes[size] = '\0';
	if (type == 'x')
		return take_records(bytes, size);
	return take_text(type == 'L' ? told.name : told.link, bytes, strnlen(bytes, size));
}

static bool leads_out(const char *name)
{
	for (const char *at = strstr(name, ".."); at != NULL; at = strstr(at + 1, ".."))
		if ((at == name || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
			return true;
	return false;
}

/* Leaves out what leads nowhere: a slash in front, empty parts, and dots. */
static void clean(char *name)
{
	char *to = name;

	for (char *part = name; *part != '\0';) {
		size_t size = strcspn(part, "/");
		char *next = part + size + (part[size] == '/');

		if (size > 0 && !(size == 1 && part[0] == '.')) {
			if (to > name)
				*to++ = '/';
			memmove(to, part, size);
			to += size;
		}
		part = next;
	}
	*to = '\0';
}

static char type_of(char type, const char *name)
{
	switch (type) {
	case '\0':
	case '0':
	case '7':
		return name[0] != '\0' && name[strlen(name) - 1] == '/' ? 'd' : '-';
	case '1':
		return 'h';
	case '2':
		return 'l';
	case '5':
		return 'd';
	default:
		return '?';
	}
}

/* A name that is in the header itself, in two fields in the form that has a prefix. */
static void take_name(const struct tar_header *header, char *name)
{
	int prefix = memcmp(header->magic, "ustar", 6) == 0 ? (int)strnlen(header->prefix, sizeof(header->prefix)) : 0;

	memcpy(name, header->prefix, (size_t)prefix);
	if (prefix > 0)
		name[prefix++] = '/';
	memcpy(name + prefix, header->name, sizeof(header->name));
	name[(size_t)prefix + strnlen(header->name, sizeof(header->name))] = '\0';
}

static const char *take_entry(const struct tar_header *header, struct tar_entry *entry)
{
	int64_t mode;
	int64_t seconds;

	if (told.name[0] != '\0')
		strcpy(entry->name, told.name);
	else
		take_name(header, entry->name);
	memcpy(entry->link, header->link, sizeof(header->link));
	entry->link[sizeof(header->link)] = '\0';
	if (told.link[0] != '\0')
		strcpy(entry->link, told.link);
	entry->type = type_of(header->type, entry->name);
	if (told.is_sparse || header->type == 'S')
		return "a sparse file: make the tar stream without the option that keeps holes";
	if (entry->type == '?')
		return "not a file, directory or link: FIFOs and devices cannot be copied";
	if (!number(header->mode, sizeof(header->mode), &mode))
		return no_tar;
	entry->mode = (uint32_t)mode & MODES;
	if (told.has_size)
		of_size(told.size);
	if (entry->type != '-')
		of_size(0); /* as tar(1) takes it: what follows is a header */
	entry->size = left;
	if (!number(header->mtime, sizeof(header->mtime), &seconds) || seconds >= INT64_MAX / 1000000000)
		seconds = 0;
	entry->mtime_ns = told.has_mtime ? told.mtime_ns : seconds * 1000000000;
	if (leads_out(entry->name) || (entry->type == 'h' && leads_out(entry->link)))
		return "a path in the tar stream leads outside its target";
	clean(entry->name);
	if (entry->type == 'h')
		clean(entry->link);
	return NULL;
}

/* Zeros, or nothing any more: the stream ends. */
static bool is_end(struct tar_header *header)
{
	static const struct tar_header zeros;
	size_t got = some(header, sizeof(*header));

	if (got > 0 && !all((uint8_t *)header + got, sizeof(*header) - got))
		memset(header, 1, sizeof(*header)); /* a piece of a header, which is none */
	return got == 0 || memcmp(header, &zeros, sizeof(zeros)) == 0;
}

const char *tar_next(struct tar_entry *entry)
{
	struct tar_header header;
	int64_t size;

	memset(&told, 0, sizeof(told));
	entry->type = entry->name[0] = '\0';
	while (skip()) {
		if (is_end(&header))
			return NULL;
		if (!sum_is_right(&header) || !number(header.size, sizeof(header.size), &size))
			return no_tar;
		of_size(size);
		if (header.type == 'g')
			continue; /* of all that follows: defaults of the packing program */
		if (strchr("xLK", header.type) == NULL || header.type == '\0')
			return take_entry(&header, entry);
		if (!take_extension(header.type))
			return "an extended header in the tar stream is broken or too large";
	}
	return no_tar;
}
