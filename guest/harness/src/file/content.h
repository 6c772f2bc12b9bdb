/* Reading and writing the content of a file. These run in the worker, and end it when they fail. */
#ifndef AEGIS_FILE_CONTENT_H
#define AEGIS_FILE_CONTENT_H

#include "file/params.h"

void file_read(const struct file_params *params);
void file_write(const struct file_params *params);

#endif
