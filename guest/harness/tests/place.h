/* A directory of the host in which tests ask the harness for files, and the short words with which they do. */
#ifndef AEGIS_PLACE_H
#define AEGIS_PLACE_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "driven.h"

extern char place[];

void make_place(void);
void remove_place(void);

/* A path in the place; the texts live until the next few calls. */
const char *at(const char *name);
void make_file(const char *name, const char *content, mode_t mode);
bool content_is(const char *name, const char *content);

/* The request for a path, with more params ("" or "'a':1"); returns its id. */
json_int_t ask(const char *method, const char *path, const char *more);
/* The errno that a call fails with, 0 when it does not. */
int error_of(json_int_t id);
/* What a call says, a number or a text. */
json_int_t fact(json_int_t id, const char *key);
const char *text_fact(json_int_t id, const char *key);

#endif
