/* Names, directories and links, in the worker. */
#include "file/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "file/pipes.h"

enum {
	USUAL_MODE = 0755,
	DEPTH_MAX = 1024,
	/* An entry of a listing: type, mode, uid, gid, size, time, and the lengths of name and target. */
	ENTRY_SIZE = 1 + 2 + 4 + 4 + 8 + 8 + 2 + 2,
	ENTRY_MAX = ENTRY_SIZE + NAME_MAX + 1 + PATH_MAX,
	LISTING_SIZE = 65536,
};

/* Big-endian, like all numbers of the protocol. */
static uint8_t *put(uint8_t *at, uint64_t number, int bytes)
{
	for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
		*at++ = (uint8_t)(number >> shift);
	return at;
}

static size_t target_of(int directory, const char *name, const struct stat *status, char *target)
{
	ssize_t size = S_ISLNK(status->st_mode) ? readlinkat(directory, name, target, PATH_MAX) : 0;

	return size > 0 ? (size_t)size : 0;
}

/*
 * By an overlay's rules: w hides what the image has by that name, o is a directory that hides all that the image has in it.
 * The time is that of the last change of any kind, which no program can set.
 */
static char describe_own(int directory, const char *name, struct stat *status)
{
	char opaque = '\0';
	int fd;

	status->st_mtim = status->st_ctim;
	if (S_ISCHR(status->st_mode) && status->st_rdev == 0)
		return 'w';
	fd = S_ISDIR(status->st_mode) ? openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	if (fd >= 0) {
		if (fgetxattr(fd, "trusted.overlay.opaque", &opaque, 1) != 1)
			opaque = '\0';
		close(fd);
	}
	return opaque == 'y' ? 'o' : file_type(status);
}

/* Writes one entry and returns its size, 0 when the file is gone by now. */
static size_t describe(int directory, const char *name, bool own, uint8_t *room)
{
	size_t name_size = strlen(name);
	char target[PATH_MAX];
	size_t target_size;
	struct stat status;
	uint8_t *at = room;
	char type;

	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || name_size > NAME_MAX)
		return 0;
	target_size = target_of(directory, name, &status, target);
	type = own ? describe_own(directory, name, &status) : file_type(&status);
	at = put(at, (uint64_t)type, 1);
	at = put(at, status.st_mode & 07777, 2);
	at = put(at, status.st_uid, 4);
	at = put(at, status.st_gid, 4);
	at = put(at, (uint64_t)status.st_size, 8);
	at = put(at, (uint64_t)file_mtime_ns(&status), 8);
	at = put(at, name_size, 2);
	at = put(at, target_size, 2);
	memcpy(at, name, name_size);
	memcpy(at + name_size, target, target_size);
	return ENTRY_SIZE + name_size + target_size;
}

static bool is_itself_or_parent(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

void file_list(const struct file_params *params)
{
	static uint8_t listing[LISTING_SIZE];
	int fd = open(params->path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat status;
	size_t held = 0;

	if (directory == NULL || fstat(fd, &status) != 0)
		pipes_fail("open");
	pipes_tell(FILE_STAGE_OPENED, &status, NULL, 0);
	while (errno = 0, (entry = readdir(directory)) != NULL) {
		if (is_itself_or_parent(entry->d_name))
			continue;
		if (held + ENTRY_MAX > sizeof(listing)) {
			pipes_send(listing, held);
			held = 0;
		}
		held += describe(fd, entry->d_name, params->part == FILE_PART_OWN, listing + held);
	}
	if (errno != 0)
		pipes_fail("list");
	pipes_send(listing, held);
}

void file_stat(const struct file_params *params)
{
	struct stat status;
	char target[PATH_MAX];
	int outcome = params->follow ? stat(params->path, &status) : lstat(params->path, &status);

	if (outcome != 0)
		pipes_fail("stat");
	pipes_tell(FILE_STAGE_DONE, &status, target, target_of(AT_FDCWD, params->path, &status, target));
}

/* True: the path is a directory now, made here or, if it may exist, before. */
static bool make_directory(const char *path, mode_t mode, bool may_exist)
{
	struct stat status;
	int error;

	if (mkdir(path, mode) == 0)
		return true;
	error = errno;
	if (may_exist && stat(path, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return true;
		error = ENOTDIR;
	}
	errno = error;
	return false;
}

void file_mkdir(const struct file_params *params)
{
	mode_t mode = params->mode >= 0 ? (mode_t)params->mode : USUAL_MODE;
	char path[PATH_MAX];

	if (strlen(params->path) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		pipes_fail("mkdir");
	}
	strcpy(path, params->path);
	for (size_t last = strlen(path) - 1; last > 0 && path[last] == '/'; last--)
		path[last] = '\0';
	for (char *slash = strchr(path + 1, '/'); params->deep && slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (!make_directory(path, USUAL_MODE, true))
			pipes_fail("mkdir");
		*slash = '/';
	}
	if (!make_directory(path, mode, params->deep))
		pipes_fail("mkdir");
}

void file_rename(const struct file_params *params)
{
	if (renameat2(AT_FDCWD, params->path, AT_FDCWD, params->to, params->replace ? 0 : RENAME_NOREPLACE) != 0)
		pipes_fail("rename");
}

static void empty(int fd, int depth);

/* Removes a name and everything below it. Does not follow symlinks. */
static void remove_tree(int parent, const char *name, int depth)
{
	int fd;

	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return;
	if (errno != EISDIR)
		pipes_fail("remove");
	errno = ELOOP;
	if (depth >= DEPTH_MAX)
		pipes_fail("remove so deep a tree");
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		pipes_fail("remove");
	empty(fd, depth + 1);
	if (unlinkat(parent, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
		pipes_fail("remove");
}

/* Empties a directory. Reads it again until nothing is found, since a reader may miss names while others are removed. */
static void empty(int fd, int depth)
{
	DIR *directory = fdopendir(fd);
	const struct dirent *entry;
	bool found = true;

	if (directory == NULL)
		pipes_fail("remove");
	while (found) {
		found = false;
		rewinddir(directory);
		while ((entry = readdir(directory)) != NULL) {
			if (is_itself_or_parent(entry->d_name))
				continue;
			found = true;
			remove_tree(fd, entry->d_name, depth);
		}
	}
	closedir(directory);
}

static bool is_the_root(const struct stat *status)
{
	struct stat root;

	return stat("/", &root) == 0 && root.st_dev == status->st_dev && root.st_ino == status->st_ino;
}

void file_remove(const struct file_params *params)
{
	struct stat status;

	if (lstat(params->path, &status) != 0)
		pipes_fail("remove");
	errno = EBUSY;
	if (is_the_root(&status))
		pipes_fail("remove");
	if (params->deep)
		remove_tree(AT_FDCWD, params->path, 0);
	else if (unlinkat(AT_FDCWD, params->path, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0) != 0)
		pipes_fail("remove");
}
