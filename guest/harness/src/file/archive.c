/*
 * The guest's root as a tar stream, in the worker: all of it, the image below it, or what the disk has above that, in which the
 * marks of the overlay for what is gone become those of layers. What is mounted on it is left out.
 */
#include "file/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "file/pipes.h"

#define GONE ".wh."
#define ALL_GONE ".wh..wh..opq"

enum { BLOCK = 512, OUT_SIZE = 262144, RECORDS_MAX = 1 << 20, ATTRIBUTE_MAX = 65536, DEPTH_MAX = 400 };

/* As POSIX calls it ustar; all but the first 100 bytes of a name are in a record before it. */
struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char sum[8];
	char type;
	char link[100];
	char magic[8];
	char names[64];
	char major[8];
	char minor[8];
	char rest[167];
};

/* Another name of a file may come later. */
struct named {
	dev_t device;
	ino_t inode;
	char *path;
};

static const struct file_params *wanted;
static uint8_t out[OUT_SIZE];
static size_t held;
static char records[RECORDS_MAX];
static size_t records_size;
static char path[PATH_MAX]; /* of the current entry, without a slash in front */

static void put(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	while (size > 0) {
		size_t fits = OUT_SIZE - held < size ? OUT_SIZE - held : size;

		memcpy(out + held, at, fits);
		at += fits;
		size -= fits;
		held += fits;
		if (held == OUT_SIZE)
			pipes_send(out, held);
		held %= OUT_SIZE;
	}
}

static void fill_block(uint64_t size)
{
	static const uint8_t zeros[BLOCK];

	put(zeros, (BLOCK - size % BLOCK) % BLOCK);
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
	struct header header = {.type = type};
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
	put(&header, sizeof(header));
}

/* A record that precedes an entry: its length, which counts its own digits, a key and a value. */
static void add_record(const char *key, const void *value, size_t size)
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

static void put_entry(char type, const char *name, const char *link, uint64_t size, const struct stat *status)
{
	static const struct stat none;

	if (strlen(name) > sizeof(((struct header *)NULL)->name))
		add_record("path", name, strlen(name));
	if (strlen(link) > sizeof(((struct header *)NULL)->link))
		add_record("linkpath", link, strlen(link));
	if (records_size > 0) {
		put_header('x', "records", "", records_size, &none);
		put(records, records_size);
		fill_block(records_size);
		records_size = 0;
	}
	put_header(type, name, link, size, status);
}

/* An empty file in the directory of the current entry, by which a layer hides what is below it. */
static void put_mark(size_t directory, const char *prefix, const char *name)
{
	char mark[PATH_MAX + sizeof(ALL_GONE)];
	const struct stat none = {0};

	snprintf(mark, sizeof(mark), "%.*s%s%s", (int)directory, path, prefix, name);
	put_entry('0', mark, "", 0, &none);
}

/* True: the overlay shows nothing of the directory below. */
static bool add_attributes(int fd)
{
	static char names[ATTRIBUTE_MAX];
	static char value[ATTRIBUTE_MAX];
	ssize_t all = flistxattr(fd, names, sizeof(names));
	bool opaque = false;

	for (char *name = names; name < names + all; name += strlen(name) + 1) {
		char key[NAME_MAX + sizeof("SCHILY.xattr.")];
		ssize_t size = fgetxattr(fd, name, value, sizeof(value));

		opaque = opaque || (strcmp(name, "trusted.overlay.opaque") == 0 && size == 1 && value[0] == 'y');
		if (size < 0 || strncmp(name, "trusted.", strlen("trusted.")) == 0)
			continue;
		snprintf(key, sizeof(key), "SCHILY.xattr.%.*s", NAME_MAX, name);
		add_record(key, value, (size_t)size);
	}
	return opaque;
}

static int compare(const void *left, const void *right)
{
	const struct named *one = left;
	const struct named *other = right;

	if (one->device != other->device)
		return one->device < other->device ? -1 : 1;
	return one->inode < other->inode ? -1 : one->inode > other->inode;
}

/* The name by which the file was sent before; NULL for one that was not, which is noted. */
static const char *earlier_name(const struct stat *status)
{
	static void *all;
	struct named *now = malloc(sizeof(*now));
	struct named **found;

	if (now == NULL)
		pipes_fail("remember a name");
	*now = (struct named){status->st_dev, status->st_ino, strdup(path)};
	found = tsearch(now, &all, compare);
	if (now->path == NULL || found == NULL)
		pipes_fail("remember a name");
	if (*found == now)
		return NULL;
	free(now->path);
	free(now);
	return (*found)->path;
}

/* As many bytes as were promised, zeros where the file has become shorter. */
static void put_content(int fd, uint64_t size)
{
	uint64_t left = size;

	while (left > 0) {
		size_t most = OUT_SIZE - held < left ? OUT_SIZE - held : (size_t)left;
		ssize_t got = read(fd, out + held, most);

		if (got < 0 && errno != EINTR)
			pipes_fail("read");
		if (got == 0)
			memset(out + held, 0, most);
		most = got == 0 ? most : got < 0 ? 0 : (size_t)got;
		left -= most;
		held += most;
		if (held == OUT_SIZE)
			pipes_send(out, held);
		held %= OUT_SIZE;
	}
	fill_block(size);
}

static void put_regular(int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *earlier = NULL;
	struct stat status;

	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || fstat(fd, &status) != 0)
		pipes_fail("open");
	if (status.st_nlink > 1)
		earlier = earlier_name(&status);
	if (earlier != NULL) {
		put_entry('1', path, earlier, 0, &status);
	} else if (S_ISREG(status.st_mode)) {
		add_attributes(fd);
		put_entry('0', path, "", (uint64_t)status.st_size, &status);
		put_content(fd, (uint64_t)status.st_size);
	}
	close(fd);
}

static void put_symlink(int directory, const char *name, const struct stat *status)
{
	char target[PATH_MAX];
	ssize_t size = readlinkat(directory, name, target, sizeof(target) - 1);

	if (size <= 0)
		return;
	target[size] = '\0';
	put_entry('2', path, target, 0, status);
}

static void put_child(int directory, const char *name, size_t parent, int depth);

/* The file of the image in the place of one that the host has changed. */
static bool is_original(int depth)
{
	for (size_t i = 0; i < json_array_size(wanted->originals); i++) {
		const char *original = json_string_value(json_array_get(wanted->originals, i));

		if (strcmp(original + 1, path) != 0)
			continue;
		if (wanted->part == FILE_PART_ALL && wanted->image >= 0)
			put_child(PIPES_IMAGE, path, 0, depth);
		return true;
	}
	return false;
}

/* The path of the directory has `size` letters, with the slash at its end. Closes the descriptor. */
static void put_directory(int fd, size_t size, int depth)
{
	DIR *directory = fdopendir(fd);
	const struct dirent *entry;
	struct stat status;
	bool opaque;

	if (directory == NULL || fstat(fd, &status) != 0)
		pipes_fail("open a directory");
	opaque = add_attributes(fd);
	put_entry('5', size == 0 ? "./" : path, "", 0, &status);
	if (opaque)
		put_mark(size, ALL_GONE, "");
	while (errno = 0, (entry = readdir(directory)) != NULL) {
		bool itself = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;

		if (itself || strncmp(entry->d_name, GONE, strlen(GONE)) == 0)
			continue;
		errno = ENAMETOOLONG;
		if (size + strlen(entry->d_name) + sizeof("/") > sizeof(path))
			pipes_fail("send so deep a tree");
		strcpy(path + size, entry->d_name);
		if (!is_original(depth))
			put_child(fd, entry->d_name, size, depth);
	}
	if (errno != 0)
		pipes_fail("list");
	path[size] = '\0';
	closedir(directory);
}

static void put_subdirectory(int parent, const char *name, int depth)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return;
	if (fd < 0)
		pipes_fail("open a directory");
	errno = ELOOP;
	if (depth >= DEPTH_MAX)
		pipes_fail("send so deep a tree");
	strcat(path, "/");
	put_directory(fd, strlen(path), depth + 1);
}

static void put_child(int directory, const char *name, size_t parent, int depth)
{
	struct stat status;

	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return; /* gone meanwhile */
	switch (file_type(&status)) {
	case 'd':
		put_subdirectory(directory, name, depth);
		return;
	case '-':
		put_regular(directory, name);
		return;
	case 'l':
		put_symlink(directory, name, &status);
		return;
	case 's':
		return; /* means nothing without who listens */
	case 'c':
		if (wanted->part == FILE_PART_OWN && status.st_rdev == 0)
			put_mark(parent, GONE, name);
		else
			put_entry('3', path, "", 0, &status);
		return;
	default:
		put_entry(S_ISBLK(status.st_mode) ? '4' : '6', path, "", 0, &status);
	}
}

/* Without what is mounted on it, where we may. */
static int open_all(const char *root)
{
	int tree = open_tree(AT_FDCWD, root, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return tree < 0 ? open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
			: openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void file_archive(const struct file_params *params)
{
	static const uint8_t end[2 * BLOCK];
	int fd = open_all(params->path);
	struct stat status;

	wanted = params;
	if (fd < 0 || fstat(fd, &status) != 0)
		pipes_fail("open");
	pipes_tell(FILE_STAGE_OPENED, &status, NULL, 0);
	put_directory(fd, 0, 0);
	put(end, sizeof(end));
	pipes_send(out, held);
}
