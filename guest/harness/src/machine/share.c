/* Directories of the host in the guest. */
#include "machine/share.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"

#define DEVICES "/sys/class/bdi"
#define ASIDE "/run/aegis-share"
#define CLONE_MOUNT (1 | O_CLOEXEC) /* OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC */
#define FROM_DESCRIPTOR 4 /* MOVE_MOUNT_F_EMPTY_PATH */

/* What is mounted, or was until share_let_go. */
static struct {
	char *tag;
	char *texts[2 * SHARES_MAX]; /* that the shares point to */
	struct share shares[SHARES_MAX];
	int stand_ins[SHARES_MAX]; /* while they are away: what processes stand in instead, or -1 */
	size_t count;
	bool away;
} kept;

/*
 * msize is the most that the virtio transport carries in one message, in whole pages. cache=mmap caches pages of open files
 * only: shared mappings need those (SQLite's WAL), and the host's edits of other files are seen at once. revalidate is an
 * option of our own kernel (guest/kernel/9p.patch): names stay known and are only asked about, a directory's each 100 ms at
 * most. Debian's kernel passes over it, and looks up every part of a path again.
 */
static const char options[] = "trans=virtio,version=9p2000.L,msize=507904,cache=mmap,revalidate=100";

/* Sequential reads are requested well ahead, several messages at a time. That makes reading a third faster. */
static void read_ahead(void)
{
	static const char kilobytes[] = "4096";
	DIR *devices = opendir(DEVICES);
	struct dirent *entry;

	while (devices != NULL && (entry = readdir(devices)) != NULL) {
		char path[300];
		int fd;

		if (strncmp(entry->d_name, "9p", 2) != 0)
			continue;
		snprintf(path, sizeof(path), DEVICES "/%s/read_ahead_kb", entry->d_name);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, kilobytes, strlen(kilobytes)) < 0)
			log_line("%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	if (devices != NULL)
		closedir(devices);
}

/* Makes a directory, with those above it. */
static int make_directory(const char *absolute)
{
	char path[PATH_MAX];

	if (strlen(absolute) >= sizeof(path))
		return ENAMETOOLONG;
	strcpy(path, absolute);
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : errno;
}

static int mount_share(const char *source, const char *kind, unsigned long how, const struct share *share)
{
	unsigned long flags = MS_NOSUID | MS_NODEV | (share->read_only ? MS_RDONLY : 0);
	int outcome = make_directory(share->path);

	if (outcome != 0)
		return outcome;
	if (mount(source, share->path, kind, how | flags, options) != 0)
		return errno;
	/* A bind takes its flags the second time only. */
	return how == 0 || mount(NULL, share->path, NULL, MS_REMOUNT | how | flags, NULL) == 0 ? 0 : errno;
}

/* A device can be mounted once, so it is mounted aside for as long as its directories are bound to their paths. */
static int mount_parts(const char *tag, const struct share *shares, size_t count, const struct share **failed)
{
	int outcome = 0;

	if ((mkdir(ASIDE, 0700) != 0 && errno != EEXIST) || mount(tag, ASIDE, "9p", MS_NOSUID | MS_NODEV, options) != 0)
		return errno;
	for (size_t i = 0; i < count && outcome == 0; i++) {
		char source[sizeof(ASIDE) + 64];

		snprintf(source, sizeof(source), ASIDE "/%s", shares[i].directory);
		*failed = &shares[i];
		outcome = mount_share(source, NULL, MS_BIND, &shares[i]);
	}
	if ((umount2(ASIDE, MNT_DETACH) != 0 || rmdir(ASIDE) != 0) && outcome == 0)
		outcome = errno;
	return outcome;
}

static int mount_all(const char *tag, const struct share *shares, size_t count, const struct share **failed)
{
	int outcome;

	*failed = shares;
	outcome = shares->directory == NULL ? mount_share(tag, "9p", 0, shares) : mount_parts(tag, shares, count, failed);
	if (outcome == 0)
		read_ahead();
	return outcome;
}

static void keep(const char *tag, const struct share *shares, size_t count)
{
	free(kept.tag);
	for (size_t i = 0; i < 2 * SHARES_MAX; i++) {
		free(kept.texts[i]);
		kept.texts[i] = NULL;
	}
	kept.tag = must_copy(tag);
	for (size_t i = 0; i < count; i++) {
		kept.stand_ins[i] = -1;
		kept.shares[i] = shares[i];
		kept.shares[i].path = kept.texts[2 * i] = must_copy(shares[i].path);
		if (shares[i].directory != NULL)
			kept.shares[i].directory = kept.texts[2 * i + 1] = must_copy(shares[i].directory);
	}
	kept.count = count;
	kept.away = false;
}

/*
 * What is mounted on a directory comes to be below it, and takes its place. pivot_root(2) does that with the root of its caller, and
 * those whose current directory was the lower one's root are in the upper one's then: processes begin in a share, and are moved so out of it,
 * and later back. "/.." leads from a root to what is mounted on it.
 */
static int exchange(int lower)
{
	int own = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int outcome = 0;

	if (own < 0)
		return errno;
	if (fchdir(lower) != 0 || chroot(".") != 0 || syscall(SYS_pivot_root, "/..", "/..") != 0)
		outcome = errno;
	if (fchdir(own) != 0 || chroot(".") != 0)
		log_line("the harness cannot return to its root: %s", strerror(errno));
	close(own);
	return outcome;
}

/* Unmounts one that is the current directory of processes: an empty directory takes its place. 0, or an errno. */
static int leave(const char *path, int *stand_in)
{
	int share = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int outcome;

	if (share < 0 || mount("aegis", path, "tmpfs", MS_NOSUID | MS_NODEV, "size=4k,mode=755") != 0) {
		outcome = errno;
		if (share >= 0)
			close(share);
		return outcome;
	}
	*stand_in = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	outcome = *stand_in < 0 ? errno : exchange(share);
	close(share);
	if (outcome == 0) {
		if (umount2(path, UMOUNT_NOFOLLOW) == 0)
			return 0;
		outcome = errno;
		if (exchange(*stand_in) != 0)
			return outcome;
	}
	close(*stand_in);
	*stand_in = -1;
	umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
	return outcome;
}

/* Whether something is mounted on it. */
static bool is_covered(const char *path, int stand_in)
{
	struct stat above, below;

	return stat(path, &above) == 0 && fstat(stand_in, &below) == 0 && above.st_dev != below.st_dev;
}

/* What was unmounted is mounted again, or is not to be: processes are in it again, or in a directory that is deleted. */
static void end_stand_ins(void)
{
	for (size_t i = 0; i < kept.count; i++) {
		if (kept.stand_ins[i] < 0)
			continue;
		if (is_covered(kept.shares[i].path, kept.stand_ins[i]) && exchange(kept.stand_ins[i]) != 0)
			log_line("%s: processes are not in it again", kept.shares[i].path);
		else
			umount2(kept.shares[i].path, MNT_DETACH | UMOUNT_NOFOLLOW);
		close(kept.stand_ins[i]);
		kept.stand_ins[i] = -1;
	}
}

int share_mount(const char *tag, const struct share *shares, size_t count, const struct share **failed)
{
	int outcome = mount_all(tag, shares, count, failed);

	if (outcome == 0) {
		end_stand_ins();
		keep(tag, shares, count);
	}
	return outcome;
}

static int let_go(size_t i)
{
	const char *path = kept.shares[i].path;
	int outcome = umount2(path, UMOUNT_NOFOLLOW) == 0 ? 0 : errno;

	if (outcome == EBUSY)
		return leave(path, &kept.stand_ins[i]) == 0 ? 0 : EBUSY;
	return outcome == EINVAL || outcome == ENOENT ? 0 : outcome;
}

/* A clone of each mount, by which it comes back when another is in use. What the guest has unmounted itself is gone already. */
int share_let_go(void)
{
	int clones[SHARES_MAX];
	size_t left = kept.count;
	int outcome = 0;

	for (size_t i = 0; i < kept.count; i++)
		clones[i] = (int)syscall(SYS_open_tree, AT_FDCWD, kept.shares[i].path, CLONE_MOUNT);
	while (left > 0 && outcome == 0) {
		outcome = let_go(left - 1);
		if (outcome == 0)
			left--;
	}
	for (size_t i = left; outcome != 0 && i < kept.count; i++)
		if (syscall(SYS_move_mount, clones[i], "", AT_FDCWD, kept.shares[i].path, FROM_DESCRIPTOR) != 0)
			log_line("%s: %s", kept.shares[i].path, strerror(errno));
	if (outcome != 0)
		end_stand_ins();
	for (size_t i = 0; i < kept.count; i++)
		if (clones[i] >= 0)
			close(clones[i]);
	kept.away = outcome == 0 && kept.count > 0;
	return outcome;
}

int share_take_again(void)
{
	const struct share *failed = NULL;
	int outcome;

	if (!kept.away)
		return 0;
	kept.away = false;
	outcome = mount_all(kept.tag, kept.shares, kept.count, &failed);
	end_stand_ins();
	return outcome;
}

void share_forget_absent(void)
{
	if (kept.away) {
		end_stand_ins();
		kept.count = 0;
	}
	kept.away = false;
}

size_t share_roots(struct stat *roots)
{
	size_t found = 0;

	for (size_t i = 0; i < kept.count; i++)
		if (stat(kept.shares[i].path, &roots[found]) == 0)
			found++;
	return found;
}

int share_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int outcome;

	if (fd < 0)
		return errno;
	outcome = syncfs(fd) == 0 ? 0 : errno;
	close(fd);
	return outcome;
}
