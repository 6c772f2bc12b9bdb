/* Trees of the guest as tar streams. */
#ifndef AEGIS_FILE_ARCHIVE_H
#define AEGIS_FILE_ARCHIVE_H

#include "file/params.h"

/* Both run in the worker, and end it when they fail. */

/* Sends a part of the guest's root, as a layer of an image has it. */
void file_archive(const struct file_params *params);
/* Sends a file or a tree for a copy of it. */
void file_pack(const struct file_params *params);

#endif
