/* A directory of the host in the guest. */
#include "machine/share.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define DEVICES "/sys/class/bdi"

/*
 * msize is the most that the virtio transport carries in one message, in whole pages. cache=mmap caches pages of open files
 * only: shared mappings need those (SQLite's WAL), and the host's edits of other files are seen at once.
 */
static const char options[] = "trans=virtio,version=9p2000.L,msize=507904,cache=mmap";

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

int share_mount(const char *tag, const char *path, bool read_only)
{
	unsigned long flags = MS_NOSUID | MS_NODEV | (read_only ? MS_RDONLY : 0);

	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return errno;
	if (mount(tag, path, "9p", flags, options) != 0)
		return errno;
	read_ahead();
	return 0;
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
