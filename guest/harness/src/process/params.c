/* Params of the calls about processes. */
#include "process/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "channel/params.h"

bool exec_id_is_valid(const char *exec_id)
{
	return params_name_is_plain(exec_id, EXEC_ID_MAX, "-_.");
}

static bool read_streams(json_t *json, struct process_params *params)
{
	if (!params_stream(json, "stdin", &params->stdin_stream) ||
	    !params_stream(json, "stdout", &params->stdout_stream) ||
	    !params_stream(json, "stderr", &params->stderr_stream))
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

	/* With room for a HOME. */
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

bool process_params_read(json_t *json, struct process_params *params, char *why)
{
	memset(params, 0, sizeof(*params));
	if (!read_streams(json, params))
		return params_refuse(why, "stdin, stdout, stderr must be different stream numbers");
	if (!params_text(json, "exec_id", &params->exec_id) || !params_text(json, "cwd", &params->cwd) ||
	    !params_text(json, "user", &params->user) || !params_text(json, "session", &params->session))
		return params_refuse(why, "exec_id, session, cwd and user must be strings");
	if (params->exec_id != NULL && !exec_id_is_valid(params->exec_id))
		return params_refuse(why, "exec_id must be 1 to 64 of A-Z a-z 0-9 - _ .");
	if (params->session != NULL && !exec_id_is_valid(params->session))
		return params_refuse(why, "session must be 1 to 64 of A-Z a-z 0-9 - _ .");
	if (!read_command(json, params))
		return params_refuse(why, "command must be an array of strings, the first one not empty");
	if (!read_environment(json, params))
		return params_refuse(why, "env must be an object of strings, its keys not empty and without '='");
	if (!read_terminal(json, params))
		return params_refuse(why, "tty must have rows and cols, and excludes stderr");
	if (params->terminal && params->session != NULL)
		return params_refuse(why, "session excludes tty");
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
