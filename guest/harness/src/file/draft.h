/* A new file that takes the place of another as a whole. These run in the worker, and end it when they fail. */
#ifndef AEGIS_FILE_DRAFT_H
#define AEGIS_FILE_DRAFT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct draft {
	int fd;
	int directory;
	bool opened_directory; /* by us */
	char name[NAME_MAX + 1]; /* in the directory */
	char own_name[40]; /* until it takes its place; empty where it has none */
	bool replaces;
	struct stat replaced;
};

/* Opens a new file for that path. A symlink there is followed, a file will be replaced, anything else is refused. */
void draft_open(struct draft *draft, int directory, const char *path);
/*
 * Puts the file in its place with the owner of the one that it replaces, where the user may set that, and closes it. A mode below 0
 * stands for that of the old file, a time of 0 for now. `status` may be NULL.
 */
void draft_place(struct draft *draft, int mode, int64_t mtime_ns, struct stat *status);

#endif
