/* Fuzz target: control messages, from bytes to the checked params of every method. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "channel/params.h"
#include "channel/rpc.h"
#include "file/params.h"
#include "machine/params.h"
#include "process/params.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_params(json_t *json)
{
	struct process_params process;
	struct identity_params identity;
	struct file_params file;
	const char *root = json_string_value(json_object_get(json, "root"));
	const char *message = json_string_value(json_object_get(json, "message"));
	uint8_t bytes[64];
	char why[WHY_MAX];

	if (process_params_read(json, &process, why) && process.command[0][0] == '\0')
		abort();
	process_params_free(&process);
	if (identity_params_read(json, &identity, why) && strlen(identity.machine_id) != 32)
		abort();
	if (message != NULL && base64_read(message, bytes, sizeof(bytes)) > (ssize_t)strlen(message))
		abort();
	for (int operation = FILE_READ; operation <= FILE_UNPACK; operation++)
		if (file_params_read(json, (enum file_operation)operation, &file, why) &&
		    (file.path[0] != '/' || file.mode > 07777 || file.offset < 0))
			abort();
	if (root != NULL && device_name_is_valid(root) && strchr(root, '/') != NULL)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpc_request request;
	int code = rpc_parse((const char *)data, size, &request);

	if (code == 0) {
		read_params(request.params);
		free(rpc_result(request.id, json_incref(request.params)));
		free(rpc_error(true, request.id, RPC_METHOD_NOT_FOUND, 2, request.method, request.method));
	}
	json_decref(request.document);
	return 0;
}
