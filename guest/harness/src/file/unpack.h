/* Trees for the guest, from tar streams. */
#ifndef AEGIS_FILE_UNPACK_H
#define AEGIS_FILE_UNPACK_H

#include "file/params.h"

/* Unpacks what the host sends into a directory. Runs in the worker, and ends it when it fails. */
void file_unpack(const struct file_params *params);

#endif
