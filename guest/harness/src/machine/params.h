/* Params of the calls about the machine: JSON becomes a checked struct. */
#ifndef AEGIS_MACHINE_PARAMS_H
#define AEGIS_MACHINE_PARAMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENTROPY_SIZE = 64 };

/* What makes this VM different from others. Strings point into the JSON. `dns` is a JSON array of strings or NULL. */
struct identity_params {
	uint8_t entropy[ENTROPY_SIZE];
	int64_t unix_ns;
	const char *hostname;
	const char *machine_id;
	const char *hosts;
	bool has_network;
	const char *interface;
	const char *address;
	const char *gateway;
	json_t *dns;
	bool by_gateway; /* instead of a network; with neither there is no way out */
};

/* True, or false and `why` (WHY_MAX bytes) says what is wrong. */
bool identity_params_read(json_t *json, struct identity_params *params, char *why);

bool device_name_is_valid(const char *name);

#endif
