/* JSON-RPC 2.0, without effects: a text becomes a request, an answer becomes a text. */
#ifndef AEGIS_RPC_H
#define AEGIS_RPC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum rpc_code {
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_METHOD_NOT_FOUND = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_NOT_FOUND = -32001,
	RPC_NOT_EXECUTABLE = -32002,
	RPC_NO_SUCH_PROCESS = -32003,
	RPC_WRONG_STATE = -32004,
	RPC_SYSTEM_ERROR = -32005,
	RPC_TOO_MANY = -32006,
};

enum { RPC_DEPTH_MAX = 32, RPC_VALUES_MAX = 262144, RPC_MESSAGE_MAX = 4 << 20 };

/* A request. `document` owns everything that the other fields point to. */
struct rpc_request {
	json_t *document;
	bool has_id;
	json_int_t id;
	const char *method;
	json_t *params;
};

/* Parses untrusted text within these bounds. 0, or the error code to answer with; `id` is set if it could be read. */
int rpc_parse(const char *text, size_t size, struct rpc_request *request);

/* The texts to send; the caller frees them. Without an `error_number` there is no data.errno. */
char *rpc_result(json_int_t id, json_t *result);
char *rpc_error(bool has_id, json_int_t id, int code, int error_number, const char *path, const char *message);
char *rpc_notification(const char *method, json_t *params);

#endif
