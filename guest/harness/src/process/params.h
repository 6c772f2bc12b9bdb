/* Params of the calls about processes: JSON becomes a checked struct. */
#ifndef AEGIS_PROCESS_PARAMS_H
#define AEGIS_PROCESS_PARAMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { EXEC_ID_MAX = 64 };

/* What to start. Strings point into the JSON, the arrays are our own. A stream is 0 when it is not wanted. */
struct process_params {
	const char *exec_id;
	const char *session; /* as in struct process, or NULL */
	char **command;
	char **environment;
	const char *cwd;
	const char *user;
	bool terminal;
	uint16_t rows;
	uint16_t columns;
	uint32_t stdin_stream;
	uint32_t stdout_stream;
	uint32_t stderr_stream;
};

/* True, or false and `why` (WHY_MAX bytes) says what is wrong. Call process_params_free in both cases. */
bool process_params_read(json_t *json, struct process_params *params, char *why);
/* Adds HOME unless the request has one. Call it once at most. */
void process_params_add_home(struct process_params *params, const char *home);
void process_params_free(struct process_params *params);

bool exec_id_is_valid(const char *exec_id);

#endif
