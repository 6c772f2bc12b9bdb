/* Reading params: the fields of a JSON object, each with its bounds. A field that is null counts as absent. */
#ifndef AEGIS_PARAMS_H
#define AEGIS_PARAMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The room for a text that says why params are refused. */
enum { WHY_MAX = 160 };

/* Puts the reason into `why`, which has WHY_MAX bytes, and returns false. */
bool params_refuse(char *why, const char *reason);

/* An optional string, NULL when absent. These return false when the field is there and has another type or value. */
bool params_text(json_t *json, const char *key, const char **text);
/* An optional integer from `min` to `max`. */
bool params_number(json_t *json, const char *key, json_int_t min, json_int_t max, json_int_t absent, json_int_t *number);
bool params_flag(json_t *json, const char *key, bool absent, bool *flag);
/* An optional stream number, 0 when absent. */
bool params_stream(json_t *json, const char *key, uint32_t *stream);

/* Whether the name is one path component: a letter or digit, then letters, digits and the `other` characters. */
bool params_name_is_plain(const char *name, size_t max, const char *other);

#endif
