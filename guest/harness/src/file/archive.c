/*
 * The guest's files as a tar stream, in the worker. As a layer of an image: its root, the image below it, or what the disk has
 * above that, in which the marks of the overlay for what is gone become those of layers; what is mounted on it is left out.
 * Or plain, for a copy: a file or a tree as a user of the guest sees it, without what would mean nothing elsewhere.
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

#include "file/content.h"
#include "file/pipes.h"
#include "file/tar.h"

#define GONE ".wh."
#define ALL_GONE ".wh..wh..opq"

enum { ATTRIBUTE_MAX = 65536, UNTOLD_MAX = 1 << 20, LARGE = 1 << 20, DEPTH_MAX = 400 };

/* Another name of a file may come later. */
struct named {
	dev_t device;
	ino_t inode;
	char *path;
};

static const struct file_params *wanted;
static char path[PATH_MAX]; /* of the current entry, without a slash in front */

static bool is_plain(void)
{
	return wanted->operation == FILE_PACK;
}

/* An empty file in the directory of the current entry, by which a layer hides what is below it. */
static void put_mark(size_t directory, const char *prefix, const char *name)
{
	char mark[PATH_MAX + sizeof(ALL_GONE)];
	const struct stat none = {0};

	snprintf(mark, sizeof(mark), "%.*s%s%s", (int)directory, path, prefix, name);
	tar_put_entry('0', mark, "", 0, &none);
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
		tar_put_record(key, value, (size_t)size);
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

/* As many bytes as were promised: zeros where the file of an image has become shorter. */
static void put_content(int fd, const struct stat *status)
{
	static const uint8_t zeros[65536];
	uint64_t size = (uint64_t)status->st_size;
	uint64_t sent;

	if (size < LARGE) {
		sent = tar_put_from(fd, size);
	} else {
		tar_flush(); /* what follows goes past the buffer */
		sent = content_send(fd, status, 0, status->st_size);
	}
	errno = ESTALE;
	if (sent < size && is_plain())
		pipes_fail("read");
	while (sent < size) {
		uint64_t most = size - sent < sizeof(zeros) ? size - sent : sizeof(zeros);

		tar_put(zeros, (size_t)most);
		sent += most;
	}
	tar_put_padding(size);
}

/* A file of /proc does not tell its size. */
static void put_untold(int fd, struct stat *status)
{
	static uint8_t untold[UNTOLD_MAX];
	ssize_t got;

	while (status->st_size < UNTOLD_MAX &&
	       (got = read(fd, untold + status->st_size, (size_t)(UNTOLD_MAX - status->st_size))) > 0)
		status->st_size += got;
	tar_put_entry('0', path, "", (uint64_t)status->st_size, status);
	tar_put(untold, (size_t)status->st_size);
	tar_put_padding((uint64_t)status->st_size);
}

static void put_file(int fd, struct stat *status)
{
	if (is_plain() && status->st_size == 0) {
		put_untold(fd, status);
		return;
	}
	if (!is_plain())
		add_attributes(fd);
	tar_put_entry('0', path, "", (uint64_t)status->st_size, status);
	put_content(fd, status);
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
	if (status.st_nlink > 1 && !is_plain())
		earlier = earlier_name(&status);
	if (earlier != NULL) {
		tar_put_entry('1', path, earlier, 0, &status);
	} else if (S_ISREG(status.st_mode)) {
		put_file(fd, &status);
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
	tar_put_entry('2', path, target, 0, status);
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

/* What the kernel makes up is not copied. */
static bool is_made_up(const struct stat *status)
{
	static const char *const roots[] = {"/proc", "/sys", "/dev"};
	struct stat root;

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (stat(roots[i], &root) == 0 && root.st_dev == status->st_dev && root.st_ino == status->st_ino)
			return true;
	return false;
}

/* Whether a layer of an image cannot have a file of that name. */
static bool is_mark(const char *name)
{
	return !is_plain() && strncmp(name, GONE, strlen(GONE)) == 0;
}

/* The path of the directory has `size` letters, with the slash at its end. Closes the descriptor. */
static void put_directory(int fd, size_t size, int depth)
{
	DIR *directory = fdopendir(fd);
	const struct dirent *entry;
	struct stat status;
	bool opaque;
	bool empty;

	if (directory == NULL || fstat(fd, &status) != 0)
		pipes_fail("open a directory");
	empty = is_plain() && is_made_up(&status);
	opaque = !is_plain() && add_attributes(fd);
	tar_put_entry('5', size == 0 ? "./" : path, "", 0, &status);
	if (opaque)
		put_mark(size, ALL_GONE, "");
	while (errno = 0, !empty && (entry = readdir(directory)) != NULL) {
		bool itself = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;

		if (itself || is_mark(entry->d_name))
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
	case 'p':
	case 'b':
		if (!is_plain())
			tar_put_entry(S_ISBLK(status.st_mode) ? '4' : '6', path, "", 0, &status);
		return;
	default:
		if (is_plain())
			return;
		if (wanted->part == FILE_PART_OWN && status.st_rdev == 0)
			put_mark(parent, GONE, name);
		else
			tar_put_entry('3', path, "", 0, &status);
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
	int fd = open_all(params->path);
	struct stat status;

	wanted = params;
	if (fd < 0 || fstat(fd, &status) != 0)
		pipes_fail("open");
	pipes_tell(FILE_STAGE_OPENED, &status, NULL, 0);
	put_directory(fd, 0, 0);
	tar_put_end();
}

/* A symlink is followed where the path itself leads. */
void file_pack(const struct file_params *params)
{
	struct stat status;
	int fd;

	wanted = params;
	if (stat(params->path, &status) != 0)
		pipes_fail("open");
	if (!S_ISDIR(status.st_mode))
		file_must_be_regular(&status);
	fd = open(params->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0)
		pipes_fail("open");
	strcpy(path, params->name);
	pipes_about(path);
	if (S_ISDIR(status.st_mode)) {
		strcat(path, "/");
		put_directory(fd, strlen(path), 0);
	} else {
		file_must_be_regular(&status);
		put_file(fd, &status);
	}
	tar_put_end();
	pipes_tell(FILE_STAGE_DONE, &status, NULL, 0);
}
