/*
 * Unpacks a tar stream into a directory, in the worker. What is made belongs to the user. Each directory is opened from the one
 * above it; a symlink leads on if it was there before, and not if the stream has made it.
 */
#include "file/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file/content.h"
#include "file/draft.h"
#include "file/pipes.h"
#include "file/tar.h"

enum { USUAL_MODE = 0755, PERMISSIONS = 0777, OWNER_CAN_WRITE = 0300 /* else nothing could be put into it */ };

/* A symlink that the stream has made. */
struct made {
	dev_t device;
	ino_t inode;
};

static struct file_counts counts;
static struct tar_entry entry;
static int base; /* the directory that is unpacked into */
static int here; /* the directory of the entry: the base, or one below it */
static char here_path[PATH_MAX]; /* from the base */
static void *links; /* a tree of those made */
static int original; /* what another name is copied from */

static _Noreturn void refuse(const char *why)
{
	errno = EBADMSG;
	pipes_fail(why);
}

static int compare(const void *left, const void *right)
{
	const struct made *one = left;
	const struct made *other = right;

	if (one->device != other->device)
		return one->device < other->device ? -1 : 1;
	return one->inode < other->inode ? -1 : one->inode > other->inode;
}

static void note_link(int directory, const char *name)
{
	struct made *now = malloc(sizeof(*now));
	struct stat status;

	if (now == NULL || fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		pipes_fail("symlink");
	*now = (struct made){status.st_dev, status.st_ino};
	if (tsearch(now, &links, compare) == NULL)
		pipes_fail("symlink");
}

static bool is_noted_link(int directory, const char *name)
{
	struct stat status;
	struct made key;

	if (links == NULL || fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISLNK(status.st_mode))
		return false;
	key = (struct made){status.st_dev, status.st_ino};
	return tfind(&key, &links, compare) != NULL;
}

static int open_directory(int parent, const char *name)
{
	if (is_noted_link(parent, name))
		refuse("a path in the tar stream leads through a symlink of the stream");
	return openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* One that is missing is made. */
static int step_into(int parent, const char *name)
{
	int fd = open_directory(parent, name);

	if (fd < 0 && errno == ENOENT && mkdirat(parent, name, USUAL_MODE) == 0)
		fd = open_directory(parent, name);
	if (fd < 0)
		pipes_fail("open the directory");
	return fd;
}

static void step(const char *name)
{
	int next = step_into(here, name);

	if (here != base)
		close(here);
	here = next;
}

/* Goes to the directory of a path, from where we are if that is on the way. Returns the last part of the path. */
static const char *enter(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t size = slash == NULL ? 0 : (size_t)(slash - path);
	size_t done = strlen(here_path);
	char parts[PATH_MAX];
	char *rest;

	if (done > size || memcmp(here_path, path, done) != 0 || (done > 0 && path[done] != '/')) {
		if (here != base)
			close(here);
		here = base;
		done = 0;
	}
	memcpy(parts, path, size);
	parts[size] = '\0';
	strcpy(here_path, parts);
	for (char *part = strtok_r(parts + done, "/", &rest); part != NULL; part = strtok_r(NULL, "/", &rest))
		step(part);
	return slash == NULL ? path : slash + 1;
}

static void make_directory(void)
{
	const char *name = enter(entry.name);
	int fd;

	counts.directories++;
	if (mkdirat(here, name, (entry.mode & PERMISSIONS) | OWNER_CAN_WRITE) == 0)
		return;
	if (errno != EEXIST)
		pipes_fail("mkdir");
	fd = open_directory(here, name);
	if (fd < 0)
		pipes_fail("mkdir");
	close(fd);
}

static bool make_room(const char *name)
{
	struct stat status;

	return fstatat(here, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       unlinkat(here, name, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0) == 0;
}

static void make_symlink(const char *target)
{
	const char *name = enter(entry.name);

	if (symlinkat(target, here, name) != 0 &&
	    (errno != EEXIST || !make_room(name) || symlinkat(target, here, name) != 0))
		pipes_fail("symlink");
	note_link(here, name);
	counts.symlinks++;
}

static void make_file(content_source *source)
{
	const char *name = enter(entry.name);
	struct draft draft;

	if (is_noted_link(here, name))
		make_room(name);
	draft_open(&draft, here, name);
	counts.bytes += content_receive(draft.fd, source);
	if (tar_left() > 0)
		refuse("the tar stream is cut short");
	draft_place(&draft, (int)(entry.mode & PERMISSIONS), entry.mtime_ns, NULL);
	counts.files++;
}

static size_t read_original(void *bytes, size_t room)
{
	ssize_t got = read(original, bytes, room);

	if (got < 0)
		pipes_fail("read");
	return (size_t)got;
}

/* Another name of what is there becomes a file of its own. */
static void copy_original(void)
{
	const char *name = enter(entry.link);
	char target[PATH_MAX];
	ssize_t size = readlinkat(here, name, target, sizeof(target) - 1);
	struct stat status;

	if (size > 0) {
		target[size] = '\0';
		make_symlink(target);
		return;
	}
	if (fstatat(here, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		pipes_fail("open what it is another name of");
	file_must_be_regular(&status);
	original = openat(here, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (original < 0)
		pipes_fail("open what it is another name of");
	make_file(read_original);
	close(original);
}

static void make_entry(void)
{
	if (entry.name[0] == '\0')
		return; /* the directory that is unpacked into */
	if (entry.type == 'd')
		make_directory();
	else if (entry.type == 'l')
		make_symlink(entry.link);
	else if (entry.type == 'h')
		copy_original();
	else
		make_file(tar_content);
}

void file_unpack(const struct file_params *params)
{
	const char *wrong;
	char rest[TAR_BLOCK];

	here = base = open(params->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base < 0)
		pipes_fail("open");
	tar_begin(pipes_receive);
	pipes_about(entry.name);
	while ((wrong = tar_next(&entry)) == NULL && entry.type != '\0')
		make_entry();
	if (wrong != NULL)
		refuse(wrong);
	pipes_about(NULL);
	while (pipes_receive(rest, sizeof(rest)) > 0)
		continue; /* padding */
	pipes_unpacked(&counts);
}
