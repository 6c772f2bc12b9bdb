/* Parameters of the calls, without effects: JSON becomes a checked struct. */
#ifndef AEGIS_PARAMS_H
#define AEGIS_PARAMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXEC_ID_MAX = 64, MESSAGE_MAX = 160 };

/* What to start. Strings point into the JSON, the arrays are ours. 0 as a stream: not wanted. */
struct process_params {
	const char *exec_id;
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

/* What makes this VM itself. `dns` is a JSON array of strings or NULL. */
struct identity_params {
	uint8_t entropy[64];
	int64_t unix_ns;
	const char *hostname;
	const char *machine_id;
	const char *hosts;
	bool has_network;
	const char *interface;
	const char *mac;
	const char *address;
	const char *gateway;
	json_t *dns;
};

/* Each: true, or false and `why` (MESSAGE_MAX bytes) says what is wrong. process_params_free also after false. */
bool process_params_read(json_t *json, struct process_params *params, char *why);
/* Gives the process a HOME unless it has one; at most once. */
void process_params_add_home(struct process_params *params, const char *home);
void process_params_free(struct process_params *params);
bool identity_params_read(json_t *json, struct identity_params *params, char *why);

bool exec_id_is_valid(const char *exec_id);
bool device_name_is_valid(const char *name);
/* Base64 of exactly `size` bytes. */
bool base64_read(const char *text, uint8_t *bytes, size_t size);

#endif
