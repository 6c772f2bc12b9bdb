/* Names, directories and links. These run in the worker, and end it when they fail. */
#ifndef AEGIS_FILE_TREE_H
#define AEGIS_FILE_TREE_H

#include "file/params.h"

void file_list(const struct file_params *params);
void file_stat(const struct file_params *params);
void file_mkdir(const struct file_params *params);
void file_rename(const struct file_params *params);
void file_remove(const struct file_params *params);

#endif
