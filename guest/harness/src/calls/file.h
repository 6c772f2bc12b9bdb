/* The calls about files. */
#ifndef AEGIS_CALLS_FILE_H
#define AEGIS_CALLS_FILE_H

#include <jansson.h>

#include "channel/control.h"

void call_file_read(json_t *params, const struct ticket *ticket);
void call_file_write(json_t *params, const struct ticket *ticket);
void call_file_list(json_t *params, const struct ticket *ticket);
void call_file_stat(json_t *params, const struct ticket *ticket);
void call_file_mkdir(json_t *params, const struct ticket *ticket);
void call_file_rename(json_t *params, const struct ticket *ticket);
void call_file_remove(json_t *params, const struct ticket *ticket);
void call_file_archive(json_t *params, const struct ticket *ticket);
void call_file_pack(json_t *params, const struct ticket *ticket);
void call_file_unpack(json_t *params, const struct ticket *ticket);

#endif
