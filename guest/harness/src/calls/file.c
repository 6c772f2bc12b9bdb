/* The calls about files. */
#include "calls/file.h"

#include "channel/params.h"
#include "channel/rpc.h"
#include "channel/stream.h"
#include "file/files.h"
#include "machine/mounts.h"

static void begin(json_t *params, enum file_operation operation, const struct ticket *ticket)
{
	struct file_params wanted;
	char why[WHY_MAX];
	bool good = file_params_read(params, operation, &wanted, why);
	bool in_use = wanted.stream != 0 && stream_find(wanted.stream) != NULL;

	wanted.image = mounts_image();
	wanted.disk = mounts_disk();
	stream_named(wanted.stream); /* even if the call fails */
	if (!good)
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "%s", why);
	else if (in_use)
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "a stream of this number is open");
	else if (!mounts_are_done())
		control_refuse(ticket, RPC_WRONG_STATE, 0, "no root is mounted");
	else
		files_begin(&wanted, ticket);
}

void call_file_read(json_t *params, const struct ticket *ticket)
{
	begin(params, FILE_READ, ticket);
}

void call_file_write(json_t *params, const struct ticket *ticket)
{
	begin(params, FILE_WRITE, ticket);
}

void call_file_list(json_t *params, const struct ticket *ticket)
{
	begin(params, FILE_LIST, ticket);
}

void call_file_stat(json_t *params, const struct ticket *ticket)
{
	begin(params, FILE_STAT, ticket);
}

void call_file_mkdir(json_t *params, const struct ticket *ticket)
{
	begin(params, FILE_MKDIR, ticket);
}

void call_file_rename(json_t *params, const struct ticket *ticket)
{
	begin(params, FILE_RENAME, ticket);
}

void call_file_remove(json_t *params, const struct ticket *ticket)
{
	begin(params, FILE_REMOVE, ticket);
}

void call_file_archive(json_t *params, const struct ticket *ticket)
{
	begin(params, FILE_ARCHIVE, ticket);
}

void call_file_pack(json_t *params, const struct ticket *ticket)
{
	begin(params, FILE_PACK, ticket);
}

void call_file_unpack(json_t *params, const struct ticket *ticket)
{
	begin(params, FILE_UNPACK, ticket);
}
