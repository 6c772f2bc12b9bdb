/* Params of the calls about files: JSON becomes a checked struct. */
#ifndef AEGIS_FILE_PARAMS_H
#define AEGIS_FILE_PARAMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum file_operation {
	FILE_READ,
	FILE_WRITE,
	FILE_LIST,
	FILE_STAT,
	FILE_MKDIR,
	FILE_RENAME,
	FILE_REMOVE,
	FILE_ARCHIVE,
	FILE_PACK,
	FILE_UNPACK,
};

/* Of the guest's root: all of it, the image below it, what the disk has above that. */
enum file_part { FILE_PART_ALL, FILE_PART_IMAGE, FILE_PART_OWN };

/* What to do with a file. Strings point into the JSON. */
struct file_params {
	enum file_operation operation;
	const char *path; /* absolute */
	const char *to; /* rename: the new path */
	const char *name; /* pack: what its names begin with */
	const char *user; /* NULL: root */
	enum file_part part; /* read, list, archive */
	int image; /* the roots of the image and the disk, descriptors of PID 1; -1 for none */
	int disk;
	uint32_t stream; /* carries the content, in the calls that have some */
	int64_t offset; /* read: where it begins */
	int64_t length; /* read: the most to read */
	int64_t mtime_ns; /* write: 0 for now */
	int32_t mode; /* write, mkdir: -1 for the default */
	bool follow; /* stat: of a symlink's target */
	bool replace; /* rename: replace what is there */
	bool deep; /* mkdir: with its parents; remove: with its content */
	json_t *originals; /* archive: absolute paths of files of which only the image's count; may be NULL */
};

/* True, or false and `why` (WHY_MAX bytes) says what is wrong. */
bool file_params_read(json_t *json, enum file_operation operation, struct file_params *params, char *why);

/* Whether the host sends the content of a call. */
bool file_takes_content(enum file_operation operation);

#endif
