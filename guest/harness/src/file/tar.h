/* Tar streams: ustar with extended headers (POSIX pax), and the older forms of GNU tar. */
#ifndef AEGIS_FILE_TAR_H
#define AEGIS_FILE_TAR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum { TAR_BLOCK = 512, TAR_RECORDS_MAX = 1 << 20 };

/* As POSIX calls it ustar; all but the first 100 bytes of a name are in a record before it, or in the prefix. */
struct tar_header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char sum[8];
	char type;
	char link[100];
	char magic[8];
	char names[64];
	char major[8];
	char minor[8];
	char prefix[155];
	char rest[12];
};

/* Writing, in the worker: all of it is sent to the host. */
void tar_put_record(const char *key, const void *value, size_t size);
/* An entry, of whose content `size` bytes and tar_put_padding follow. The records are those since the entry before. */
void tar_put_entry(char type, const char *name, const char *link, uint64_t size, const struct stat *status);
void tar_put(const void *bytes, size_t size);
/* Puts so much of a file, and returns how much: less where it ends before. */
uint64_t tar_put_from(int fd, uint64_t size);
void tar_put_padding(uint64_t size);
/* Sends what is held back. */
void tar_flush(void);
void tar_put_end(void);

/* An entry of a stream that is read. */
struct tar_entry {
	char type; /* as `ls -l` shows it: - d l; h for another name of a file that came before; 0 at the end */
	char name[PATH_MAX]; /* leads down: no slash in front, no empty part, no . or .. */
	char link[PATH_MAX]; /* the target of a symlink as it came; of another name, as `name` */
	uint32_t mode; /* the lower twelve bits */
	int64_t size;
	int64_t mtime_ns;
};

/* Gives bytes of the stream, 0 at its end. */
typedef size_t tar_source(void *bytes, size_t room);

/* Reading: without effects but those of the source. */
void tar_begin(tar_source *source);
/* The next entry, after what is left of the one before. NULL, or what is wrong; then the name is as it came. */
const char *tar_next(struct tar_entry *entry);
/* Content of the entry; 0 at its end. */
size_t tar_content(void *bytes, size_t room);
/* Content that has not come; the stream is cut short where there is some after tar_content gave 0. */
int64_t tar_left(void);

#endif
