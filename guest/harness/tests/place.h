/* A directory for tests of file calls, and short functions for such tests. */
#ifndef AEGIS_PLACE_H
#define AEGIS_PLACE_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "driven.h"

extern char place[];

void make_place(void);
void remove_place(void);

/* A path in the directory. It is valid until the next few calls. */
const char *at(const char *name);
void make_file(const char *name, const char *content, mode_t mode);
bool content_is(const char *name, const char *content);

/* Sends a request about a path, with more params ("" or "'a':1"), and returns its id. */
json_int_t ask(const char *method, const char *path, const char *more);
/* The errno of a call that failed, 0 when it did not. */
int error_of(json_int_t id);
/* A field of a call's result. */
json_int_t fact(json_int_t id, const char *key);
const char *text_fact(json_int_t id, const char *key);

#endif
