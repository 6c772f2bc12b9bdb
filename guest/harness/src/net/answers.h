/* What the host has said of names a short while ago: programs ask for the same ones again and again. */
#ifndef AEGIS_ANSWERS_H
#define AEGIS_ANSWERS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* The answer to a query for the addresses of a name, with the query's own id; NULL when it is not known. Good until the next call. */
uint8_t *answers_find(const uint8_t *query, size_t size, size_t *answer_size);
/* The host is asked this, under this id. */
void answers_expect(json_int_t id, const uint8_t *query, size_t size);
/* What it said to that; an answer without addresses is not kept. */
void answers_keep(json_int_t id, const uint8_t *message, size_t size);
void answers_forget(void);

#endif
