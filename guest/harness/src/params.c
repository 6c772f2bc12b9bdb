/* Parameters of the calls: nothing from the wire goes further before it is checked here. */
#include "params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A name that is one path component and cannot mean anything else: starts with a letter or digit. */
static bool is_plain_name(const char *name, size_t longest, const char *also)
{
	size_t length = strlen(name);

	if (length == 0 || length > longest || !is_letter_or_digit(name[0]))
		return false;
	for (size_t i = 1; i < length; i++)
		if (!is_letter_or_digit(name[i]) && strchr(also, name[i]) == NULL)
			return false;
	return true;
}

bool exec_id_is_valid(const char *exec_id)
{
	return is_plain_name(exec_id, EXEC_ID_MAX, "-_.");
}

bool device_name_is_valid(const char *name)
{
	return is_plain_name(name, 15, "-_.");
}

static int base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

bool base64_read(const char *text, uint8_t *bytes, size_t size)
{
	size_t length = strlen(text);
	uint32_t bits = 0;
	int held = 0;
	size_t done = 0;

	if (length != (size + 2) / 3 * 4)
		return false;
	for (size_t i = 0; done < size; i++) {
		int digit = base64_digit(text[i]);

		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		held += 6;
		if (held >= 8) {
			held -= 8;
			bytes[done++] = (uint8_t)(bits >> held);
		}
	}
	return true;
}

/* A stream number, 0 when absent; false when it is anything but 1..2^32-1. */
static bool read_stream(json_t *json, const char *key, uint32_t *stream)
{
	json_t *value = json_object_get(json, key);

	*stream = 0;
	if (value == NULL || json_is_null(value))
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < 1 || json_integer_value(value) > UINT32_MAX)
		return false;
	*stream = (uint32_t)json_integer_value(value);
	return true;
}

static bool read_streams(json_t *json, struct process_params *params)
{
	if (!read_stream(json, "stdin", &params->stdin_stream) ||
	    !read_stream(json, "stdout", &params->stdout_stream) ||
	    !read_stream(json, "stderr", &params->stderr_stream))
		return false;
	if (params->stdin_stream != 0 &&
	    (params->stdin_stream == params->stdout_stream || params->stdin_stream == params->stderr_stream))
		return false;
	return params->stdout_stream == 0 || params->stdout_stream != params->stderr_stream;
}

static bool read_command(json_t *json, struct process_params *params)
{
	json_t *command = json_object_get(json, "command");
	size_t count = json_array_size(command);

	if (count == 0)
		return false;
	params->command = must_allocate((count + 1) * sizeof(char *));
	for (size_t i = 0; i < count; i++) {
		const char *word = json_string_value(json_array_get(command, i));

		if (word == NULL)
			return false;
		params->command[i] = must_copy(word);
	}
	return params->command[0][0] != '\0';
}

static bool read_environment(json_t *json, struct process_params *params)
{
	json_t *environment = json_object_get(json, "env");
	const char *key;
	json_t *value;
	size_t at = 0;

	/* One more for a HOME. */
	params->environment = must_allocate((json_object_size(environment) + 2) * sizeof(char *));
	if (environment != NULL && !json_is_object(environment))
		return false;
	json_object_foreach (environment, key, value) {
		size_t size;

		if (!json_is_string(value) || key[0] == '\0' || strchr(key, '=') != NULL)
			return false;
		size = strlen(key) + json_string_length(value) + 2;
		params->environment[at] = must_allocate(size);
		snprintf(params->environment[at++], size, "%s=%s", key, json_string_value(value));
	}
	return true;
}

void process_params_add_home(struct process_params *params, const char *home)
{
	size_t at = 0;
	size_t size = strlen("HOME=") + strlen(home) + 1;

	for (; params->environment[at] != NULL; at++)
		if (strncmp(params->environment[at], "HOME=", 5) == 0)
			return;
	params->environment[at] = must_allocate(size);
	snprintf(params->environment[at], size, "HOME=%s", home);
}

static bool read_size(json_t *tty, const char *key, uint16_t *size)
{
	json_int_t value = json_integer_value(json_object_get(tty, key));

	*size = (uint16_t)value;
	return value >= 0 && value <= UINT16_MAX;
}

static bool read_terminal(json_t *json, struct process_params *params)
{
	json_t *tty = json_object_get(json, "tty");

	params->terminal = json_is_object(tty);
	if (tty == NULL || json_is_null(tty))
		return true;
	return params->terminal && params->stderr_stream == 0 && read_size(tty, "rows", &params->rows) &&
	       read_size(tty, "cols", &params->columns);
}

static bool because(char *why, const char *reason)
{
	snprintf(why, MESSAGE_MAX, "%s", reason);
	return false;
}

/* An optional string; false when it is there and is none. */
static bool read_text(json_t *json, const char *key, const char **text)
{
	json_t *value = json_object_get(json, key);

	*text = json_string_value(value);
	return value == NULL || json_is_null(value) || *text != NULL;
}

bool process_params_read(json_t *json, struct process_params *params, char *why)
{
	memset(params, 0, sizeof(*params));
	if (!read_streams(json, params))
		return because(why, "stdin, stdout, stderr must be different stream numbers");
	if (!read_text(json, "exec_id", &params->exec_id) || !read_text(json, "cwd", &params->cwd) ||
	    !read_text(json, "user", &params->user))
		return because(why, "exec_id, cwd and user must be strings");
	if (params->exec_id != NULL && !exec_id_is_valid(params->exec_id))
		return because(why, "exec_id must be 1 to 64 of A-Z a-z 0-9 - _ .");
	if (!read_command(json, params))
		return because(why, "command must be an array of strings, the first one not empty");
	if (!read_environment(json, params))
		return because(why, "env must be an object of strings, its keys not empty and without '='");
	if (!read_terminal(json, params))
		return because(why, "tty must have rows and cols, and excludes stderr");
	return true;
}

static void free_all(char **texts)
{
	for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
		free(texts[i]);
	free(texts);
}

void process_params_free(struct process_params *params)
{
	free_all(params->command);
	free_all(params->environment);
}

static bool is_machine_id(const char *text)
{
	return strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

static bool read_network(json_t *network, struct identity_params *params)
{
	params->has_network = json_is_object(network);
	if (network == NULL || json_is_null(network))
		return true;
	if (!params->has_network || !read_text(network, "interface", &params->interface) ||
	    !read_text(network, "mac", &params->mac) || !read_text(network, "address", &params->address) ||
	    !read_text(network, "gateway", &params->gateway))
		return false;
	params->dns = json_object_get(network, "dns");
	return params->interface != NULL && device_name_is_valid(params->interface);
}

bool identity_params_read(json_t *json, struct identity_params *params, char *why)
{
	const char *entropy;
	json_t *time = json_object_get(json, "unix_ns");

	memset(params, 0, sizeof(*params));
	if (!read_text(json, "entropy", &entropy) || entropy == NULL ||
	    !base64_read(entropy, params->entropy, sizeof(params->entropy)))
		return because(why, "entropy must be 64 bytes in base64");
	params->unix_ns = json_integer_value(time);
	if (!json_is_integer(time) || params->unix_ns <= 0)
		return because(why, "unix_ns must be nanoseconds since 1970");
	if (!read_text(json, "hostname", &params->hostname) || params->hostname == NULL ||
	    !is_plain_name(params->hostname, 63, "-."))
		return because(why, "hostname must be 1 to 63 of A-Z a-z 0-9 - .");
	if (!read_text(json, "machine_id", &params->machine_id) || params->machine_id == NULL ||
	    !is_machine_id(params->machine_id))
		return because(why, "machine_id must be 32 hex digits");
	if (!read_text(json, "hosts", &params->hosts))
		return because(why, "hosts must be a string");
	if (!read_network(json_object_get(json, "network"), params))
		return because(why, "network must name its interface, with strings for mac, address and gateway");
	return true;
}
