/* A directory of the host in the guest. */
#include "share.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * msize is the most that the virtio transport can carry in one message, less what kmalloc would round it up by.
 * cache=mmap keeps pages of open files, without which a shared mapping (SQLite's WAL) does not work, and nothing of a
 * file that is not open: so the host's edits are seen.
 */
static const char options[] = "trans=virtio,version=9p2000.L,msize=262144,cache=mmap";

int share_mount(const char *tag, const char *path, bool read_only)
{
	unsigned long flags = MS_NOSUID | MS_NODEV | (read_only ? MS_RDONLY : 0);

	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return errno;
	return mount(tag, path, "9p", flags, options) == 0 ? 0 : errno;
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
