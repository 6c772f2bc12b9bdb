/* Parameters of the calls about files: checked here, before anything else sees them. */
#include "file_params.h"

#include <stdio.h>
#include <string.h>

#include "params.h"

enum { MODE_MAX = 07777 };

static bool because(char *why, const char *reason)
{
	snprintf(why, MESSAGE_MAX, "%s", reason);
	return false;
}

static bool is_absent(const json_t *value)
{
	return value == NULL || json_is_null(value);
}

/* A whole number from `least` to `most`; `otherwise` when absent. */
static bool read_number(json_t *json, const char *key, json_int_t least, json_int_t most, json_int_t otherwise,
			json_int_t *number)
{
	json_t *value = json_object_get(json, key);

	*number = is_absent(value) ? otherwise : json_integer_value(value);
	return is_absent(value) || (json_is_integer(value) && *number >= least && *number <= most);
}

static bool read_flag(json_t *json, const char *key, bool otherwise, bool *flag)
{
	json_t *value = json_object_get(json, key);

	*flag = is_absent(value) ? otherwise : json_is_true(value);
	return is_absent(value) || json_is_boolean(value);
}

static bool read_user(json_t *json, struct file_params *params)
{
	json_t *value = json_object_get(json, "user");

	params->user = json_string_value(value);
	return is_absent(value) || params->user != NULL;
}

static bool has_content(enum file_operation operation)
{
	return operation == FILE_READ || operation == FILE_WRITE || operation == FILE_LIST;
}

static bool read_stream(json_t *json, struct file_params *params)
{
	json_int_t number;

	if (!read_number(json, "stream", 1, UINT32_MAX, 0, &number))
		return false;
	params->stream = (uint32_t)number;
	return has_content(params->operation) == (number != 0);
}

/* Where a rename or a symlink leads: a path like the first, or any text. */
static bool read_to(json_t *json, struct file_params *params)
{
	params->to = json_string_value(json_object_get(json, "to"));
	switch (params->operation) {
	case FILE_RENAME:
		return params->to != NULL && params->to[0] == '/';
	case FILE_SYMLINK:
		return params->to != NULL && params->to[0] != '\0';
	case FILE_READ:
	case FILE_WRITE:
	case FILE_LIST:
	case FILE_STAT:
	case FILE_MKDIR:
	case FILE_REMOVE:
		return params->to == NULL;
	}
	return false;
}

static bool read_numbers(json_t *json, struct file_params *params)
{
	json_int_t offset;
	json_int_t length;
	json_int_t mtime;
	json_int_t mode;

	if (!read_number(json, "offset", 0, INT64_MAX, 0, &offset) ||
	    !read_number(json, "length", 0, INT64_MAX, INT64_MAX, &length) ||
	    !read_number(json, "mtime_ns", 0, INT64_MAX, 0, &mtime) || !read_number(json, "mode", 0, MODE_MAX, -1, &mode))
		return false;
	params->offset = offset;
	params->length = length;
	params->mtime_ns = mtime;
	params->mode = (int32_t)mode;
	return true;
}

bool file_params_read(json_t *json, enum file_operation operation, struct file_params *params, char *why)
{
	memset(params, 0, sizeof(*params));
	params->operation = operation;
	params->path = json_string_value(json_object_get(json, "path"));
	if (!read_stream(json, params)) /* first: the host names it whatever becomes of the call */
		return because(why, "stream must be a stream number for read, write and list, and absent otherwise");
	if (params->path == NULL || params->path[0] != '/')
		return because(why, "path must begin with /");
	if (!read_to(json, params))
		return because(why, "to must be an absolute path for a rename, a text for a symlink, and absent otherwise");
	if (!read_user(json, params))
		return because(why, "user must be a string");
	if (!read_numbers(json, params))
		return because(why, "offset, length, mtime_ns must be numbers from 0, mode 0 to 4095");
	if (!read_flag(json, "follow", true, &params->follow) || !read_flag(json, "replace", true, &params->replace) ||
	    !read_flag(json, "deep", false, &params->deep))
		return because(why, "follow, replace and deep must be true or false");
	return true;
}
