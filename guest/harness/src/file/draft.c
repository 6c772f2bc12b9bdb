/* New files that take the place of others, in the worker. */
#include "file/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "file/pipes.h"

enum { USUAL_MODE = 0644, TRIES = 16 };

/* Opens the directory of the path, and keeps the last part of it. */
static void take_path(struct draft *draft, int directory, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	char parent[PATH_MAX];

	errno = name[0] == '\0' ? EISDIR : ENAMETOOLONG;
	if (name[0] == '\0' || strlen(name) > NAME_MAX || strlen(path) >= sizeof(parent))
		pipes_fail("open");
	strcpy(draft->name, name);
	draft->directory = directory;
	draft->opened_directory = slash != NULL;
	if (slash == NULL)
		return;
	snprintf(parent, sizeof(parent), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	draft->directory = openat(directory, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (draft->directory < 0)
		pipes_fail("open");
}

/* Where the symlink in the place of the draft leads, however many follow each other. */
static void follow(struct draft *draft)
{
	char path[sizeof("/proc/self/fd/") + 3 * sizeof(int) + NAME_MAX + 1];
	char resolved[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", draft->directory, draft->name);
	if (realpath(path, resolved) == NULL)
		pipes_fail("follow the symlink");
	if (draft->opened_directory)
		close(draft->directory);
	take_path(draft, AT_FDCWD, resolved);
	if (fstatat(draft->directory, draft->name, &draft->replaced, AT_SYMLINK_NOFOLLOW) != 0)
		pipes_fail("follow the symlink");
}

/* Looks at what is there now. */
static void look_at_place(struct draft *draft)
{
	draft->replaces = fstatat(draft->directory, draft->name, &draft->replaced, AT_SYMLINK_NOFOLLOW) == 0;
	if (!draft->replaces && errno != ENOENT)
		pipes_fail("open");
	if (!draft->replaces)
		return;
	if (S_ISLNK(draft->replaced.st_mode))
		follow(draft);
	file_must_be_regular(&draft->replaced);
}

typedef int at_name(struct draft *draft, const char *name);

static int create(struct draft *draft, const char *name)
{
	return openat(draft->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static int give_name(struct draft *draft, const char *name)
{
	char open_file[sizeof("/proc/self/fd/") + 3 * sizeof(int)];

	snprintf(open_file, sizeof(open_file), "/proc/self/fd/%d", draft->fd);
	return linkat(AT_FDCWD, open_file, draft->directory, name, AT_SYMLINK_FOLLOW);
}

static int at_own_name(struct draft *draft, at_name make)
{
	uint64_t number = 0;

	for (int i = 0; i < TRIES; i++) {
		int made;

		if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
			break;
		snprintf(draft->own_name, sizeof(draft->own_name), ".aegis-%016llx", (unsigned long long)number);
		made = make(draft, draft->own_name);
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
void draft_open(struct draft *draft, int directory, const char *path)
{
	take_path(draft, directory, path);
	look_at_place(draft);
	draft->own_name[0] = '\0';
	draft->fd = openat(draft->directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (draft->fd < 0)
		draft->fd = at_own_name(draft, create);
}

static void set_attributes(const struct draft *draft, int wanted, int64_t mtime_ns)
{
	mode_t mode = draft->replaces ? draft->replaced.st_mode & 07777 : USUAL_MODE;
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = 0}};

	if (draft->replaces && fchown(draft->fd, draft->replaced.st_uid, draft->replaced.st_gid) != 0)
		mode &= 0777;
	if (wanted >= 0)
		mode = (mode_t)wanted;
	if (fchmod(draft->fd, mode) != 0)
		pipes_fail("set the mode");
	times[1].tv_sec = mtime_ns / 1000000000;
	times[1].tv_nsec = (long)(mtime_ns % 1000000000);
	if (mtime_ns > 0 && futimens(draft->fd, times) != 0)
		pipes_fail("set the time");
}

/* True: the file has got its name at once, since there was none of that name. */
static bool named_at_once(struct draft *draft)
{
	return draft->own_name[0] == '\0' && !draft->replaces && give_name(draft, draft->name) == 0;
}

void draft_place(struct draft *draft, int mode, int64_t mtime_ns, struct stat *status)
{
	bool named;

	set_attributes(draft, mode, mtime_ns);
	if (status != NULL && fstat(draft->fd, status) != 0)
		pipes_fail("write");
	named = named_at_once(draft);
	if (!named && draft->own_name[0] == '\0')
		at_own_name(draft, give_name);
	if (close(draft->fd) != 0) /* some file systems report that they are full only here */
		pipes_fail("write");
	if (!named && renameat(draft->directory, draft->own_name, draft->directory, draft->name) != 0)
		pipes_fail("replace");
	pipes_unfinished(-1, NULL);
	if (draft->opened_directory)
		close(draft->directory);
}
