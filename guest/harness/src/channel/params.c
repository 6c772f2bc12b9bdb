/* Reading params: nothing from the wire goes further before it is checked. */
#include "channel/params.h"

#include <stdio.h>
#include <string.h>

bool params_refuse(char *why, const char *reason)
{
	snprintf(why, WHY_MAX, "%s", reason);
	return false;
}

static bool is_absent(const json_t *value)
{
	return value == NULL || json_is_null(value);
}

bool params_text(json_t *json, const char *key, const char **text)
{
	json_t *value = json_object_get(json, key);

	*text = json_string_value(value);
	return is_absent(value) || *text != NULL;
}

bool params_number(json_t *json, const char *key, json_int_t min, json_int_t max, json_int_t absent, json_int_t *number)
{
	json_t *value = json_object_get(json, key);

	*number = is_absent(value) ? absent : json_integer_value(value);
	return is_absent(value) || (json_is_integer(value) && *number >= min && *number <= max);
}

bool params_flag(json_t *json, const char *key, bool absent, bool *flag)
{
	json_t *value = json_object_get(json, key);

	*flag = is_absent(value) ? absent : json_is_true(value);
	return is_absent(value) || json_is_boolean(value);
}

bool params_stream(json_t *json, const char *key, uint32_t *stream)
{
	json_int_t number;
	bool valid = params_number(json, key, 1, UINT32_MAX, 0, &number);

	*stream = valid ? (uint32_t)number : 0;
	return valid;
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool params_name_is_plain(const char *name, size_t max, const char *other)
{
	size_t length = strlen(name);

	if (length == 0 || length > max || !is_letter_or_digit(name[0]))
		return false;
	for (size_t i = 1; i < length; i++)
		if (!is_letter_or_digit(name[i]) && strchr(other, name[i]) == NULL)
			return false;
	return true;
}
