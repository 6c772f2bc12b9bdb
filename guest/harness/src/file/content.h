/* Reading and writing the content of a file. These run in the worker, and end it when they fail. */
#ifndef AEGIS_FILE_CONTENT_H
#define AEGIS_FILE_CONTENT_H

#include <sys/stat.h>

#include "file/params.h"

void file_read(const struct file_params *params);
void file_write(const struct file_params *params);

/* Gives content, 0 at its end. */
typedef size_t content_source(void *bytes, size_t room);

/* Writes all of it to a new file, and returns its size. */
uint64_t content_receive(int fd, content_source *source);
/* Sends so much of a file to the host, which has been read up to the offset. Less is sent where it ends before. */
uint64_t content_send(int fd, const struct stat *status, int64_t offset, int64_t length);

#endif
