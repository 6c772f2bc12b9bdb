/* What a worker says about a file, through a pipe. */
#ifndef AEGIS_FILE_REPORT_H
#define AEGIS_FILE_REPORT_H

#include <limits.h>
#include <stdint.h>
#include <sys/stat.h>

enum file_stage {
	FILE_STAGE_OPENED = 1, /* read, list: the content follows */
	FILE_STAGE_DONE, /* the last one */
	FILE_STAGE_FAILED, /* the last one, too */
};

enum { FILE_STEP_MAX = 32 };

struct file_report {
	uint32_t stage;
	int32_t error; /* FAILED: an errno, 0 when the user is unknown */
	char step[FILE_STEP_MAX]; /* FAILED: in doing what */
	char type; /* as `ls -l` has it: - d l p s c b */
	uint32_t mode; /* the lower twelve bits */
	uint32_t uid;
	uint32_t gid;
	uint64_t size;
	int64_t mtime_ns;
	uint32_t target_size;
	char target[PATH_MAX]; /* of a symlink, not terminated */
};

char file_type(const struct stat *status);
int64_t file_mtime_ns(const struct stat *status);

#endif
