/* Params of the calls about files. */
#include "file/params.h"

#include <limits.h>
#include <string.h>

#include "channel/params.h"

enum { MODE_MAX = 07777 };

bool file_takes_content(enum file_operation operation)
{
	return operation == FILE_WRITE || operation == FILE_UNPACK;
}

static bool has_content(enum file_operation operation)
{
	return operation == FILE_READ || operation == FILE_LIST || operation == FILE_ARCHIVE || operation == FILE_PACK ||
	       file_takes_content(operation);
}

/* The calls with content need a stream, the others have none. */
static bool read_stream(json_t *json, struct file_params *params)
{
	return params_stream(json, "stream", &params->stream) && has_content(params->operation) == (params->stream != 0);
}

static bool read_to(json_t *json, struct file_params *params)
{
	params->to = json_string_value(json_object_get(json, "to"));
	return params->operation == FILE_RENAME ? params->to != NULL && params->to[0] == '/' : params->to == NULL;
}

/* The names in a packed tree begin with one part of a path. */
static bool read_name(json_t *json, struct file_params *params)
{
	params->name = json_string_value(json_object_get(json, "name"));
	if (params->operation != FILE_PACK)
		return params->name == NULL;
	return params->name != NULL && params->name[0] != '\0' && strchr(params->name, '/') == NULL &&
	       strlen(params->name) <= NAME_MAX;
}

static bool read_numbers(json_t *json, struct file_params *params)
{
	json_int_t offset;
	json_int_t length;
	json_int_t mtime;
	json_int_t mode;

	if (!params_number(json, "offset", 0, INT64_MAX, 0, &offset) ||
	    !params_number(json, "length", 0, INT64_MAX, INT64_MAX, &length) ||
	    !params_number(json, "mtime_ns", 0, INT64_MAX, 0, &mtime) || !params_number(json, "mode", 0, MODE_MAX, -1, &mode))
		return false;
	params->offset = offset;
	params->length = length;
	params->mtime_ns = mtime;
	params->mode = (int32_t)mode;
	return true;
}

static bool read_part(json_t *json, struct file_params *params)
{
	static const char *const parts[] = {
		[FILE_PART_ALL] = "all", [FILE_PART_IMAGE] = "image", [FILE_PART_OWN] = "own"};
	const char *part = json_string_value(json_object_get(json, "part"));
	bool known = part == NULL;

	for (size_t i = 0; part != NULL && i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(part, parts[i]) == 0) {
			params->part = (enum file_part)i;
			known = true;
		}
	}
	params->originals = json_object_get(json, "originals");
	for (size_t i = 0; i < json_array_size(params->originals); i++) {
		const char *path = json_string_value(json_array_get(params->originals, i));

		known = known && path != NULL && path[0] == '/';
	}
	return known;
}

bool file_params_read(json_t *json, enum file_operation operation, struct file_params *params, char *why)
{
	memset(params, 0, sizeof(*params));
	params->operation = operation;
	params->image = params->disk = -1;
	params->path = json_string_value(json_object_get(json, "path"));
	if (!read_stream(json, params)) /* first, since the host named it whatever becomes of the call */
		return params_refuse(why, "stream must be a stream number for calls with content, and absent otherwise");
	if (params->path == NULL || params->path[0] != '/')
		return params_refuse(why, "path must begin with /");
	if (!read_to(json, params))
		return params_refuse(why, "to must be an absolute path for a rename, and absent otherwise");
	if (!read_name(json, params))
		return params_refuse(why, "name must be one part of a path when a tree is packed, and absent otherwise");
	if (!params_text(json, "user", &params->user))
		return params_refuse(why, "user must be a string");
	if (!read_numbers(json, params))
		return params_refuse(why, "offset, length, mtime_ns must be numbers from 0, mode 0 to 4095");
	if (!params_flag(json, "follow", true, &params->follow) || !params_flag(json, "replace", true, &params->replace) ||
	    !params_flag(json, "deep", false, &params->deep))
		return params_refuse(why, "follow, replace and deep must be true or false");
	if (!read_part(json, params))
		return params_refuse(why, "part must be all, image or own, and originals absolute paths");
	return true;
}
