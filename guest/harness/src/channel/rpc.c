/* JSON-RPC 2.0: parses requests within bounds, and writes the three kinds of answers. */
#include "channel/rpc.h"

#include <string.h>

#include "base/buffer.h"

/* Checks depth and number of values before the parser sees the text, since it recurses and allocates. */
static bool within_bounds(const char *text, size_t size)
{
	size_t depth = 0;
	size_t values = 0;
	bool in_string = false;

	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
			continue;
		}
		if (c == '"')
			in_string = true;
		else if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && depth > 0)
			depth--;
		if (c == '[' || c == '{' || c == ',')
			values++;
		if (depth > RPC_DEPTH_MAX || values > RPC_VALUES_MAX)
			return false;
	}
	return true;
}

int rpc_parse(const char *text, size_t size, struct rpc_request *request)
{
	const char *version;
	json_t *id;

	memset(request, 0, sizeof(*request));
	if (size > RPC_MESSAGE_MAX || !within_bounds(text, size))
		return RPC_PARSE_ERROR;
	request->document = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	if (request->document == NULL)
		return RPC_PARSE_ERROR;
	version = json_string_value(json_object_get(request->document, "jsonrpc"));
	id = json_object_get(request->document, "id");
	request->has_id = json_is_integer(id);
	request->id = json_integer_value(id);
	request->method = json_string_value(json_object_get(request->document, "method"));
	request->params = json_object_get(request->document, "params");
	if (version == NULL || strcmp(version, "2.0") != 0 || request->method == NULL || !request->has_id)
		return RPC_INVALID_REQUEST;
	if (request->params == NULL) {
		request->params = json_object();
		json_object_set_new(request->document, "params", request->params);
	}
	return json_is_object(request->params) ? 0 : RPC_INVALID_PARAMS;
}

/* Encodes and releases the message. One that cannot be encoded would be a bug. */
static char *text_of(json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);

	json_decref(message);
	return text != NULL ? text : must_copy("{}");
}

char *rpc_result(json_int_t id, json_t *result)
{
	return text_of(json_pack("{s:s, s:I, s:o}", "jsonrpc", "2.0", "id", id, "result", result));
}

char *rpc_error(bool has_id, json_int_t id, int code, int error_number, const char *path, const char *message)
{
	json_t *error = json_pack("{s:i, s:s}", "code", code, "message", message);

	if (error == NULL) /* The message quotes something that is not UTF-8. */
		error = json_pack("{s:i, s:s}", "code", code, "message", "error");
	if (error_number != 0)
		json_object_set_new(error, "data", json_pack("{s:i, s:s*}", "errno", error_number, "path", path));
	return text_of(json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id", has_id ? json_integer(id) : json_null(),
				 "error", error));
}

char *rpc_notification(const char *method, json_t *params)
{
	return text_of(json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params));
}
