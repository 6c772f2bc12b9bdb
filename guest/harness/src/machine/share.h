/* Directories of the host in the guest: 9p over a virtio device that every VM has. */
#ifndef AEGIS_SHARE_H
#define AEGIS_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#define SHARES_MAX 17

struct share {
	const char *directory; /* its name in what the device has; NULL: all of that, and then it is the only share */
	const char *path;      /* where it comes to, absolute; directories that are missing are made */
	bool read_only;
};

/* Mounts what the device with that tag has. 0, or an errno; *failed is then the share that it is of. */
int share_mount(const char *tag, const struct share *shares, size_t count, const struct share **failed);

/*
 * Unmounts all of it, since a machine cannot be saved with it. 0; or an errno, such as EBUSY for what is in use, and all is as it was.
 * Never lazily: what a process holds open would still be mounted. Processes may have the uppermost directory of a share as their
 * current one, and are in an empty directory until it is mounted again.
 */
int share_let_go(void);
/* Mounts it again, if it was let go. 0, or an errno. */
int share_take_again(void);
/* A copy that was not given what was let go has nothing to take again. */
void share_forget_absent(void);
/* The uppermost directories of what is mounted, SHARES_MAX at most. */
size_t share_roots(struct stat *roots);

/* Writes changed files below the path to the host, and has the host write them to its disk. 0, or an errno. */
int share_sync(const char *path);

#endif
