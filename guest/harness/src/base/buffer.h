/* A growable queue of bytes: appended at the end, consumed at the front. */
#ifndef AEGIS_BUFFER_H
#define AEGIS_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct buffer {
	uint8_t *bytes;
	size_t start;
	size_t size;
	size_t capacity;
};

/* Room for `more` bytes at the end. The caller fills it and calls buffer_grew. Without memory the program ends. */
uint8_t *buffer_room(struct buffer *buffer, size_t more);
void buffer_grew(struct buffer *buffer, size_t by);
void buffer_append(struct buffer *buffer, const void *bytes, size_t size);
const uint8_t *buffer_front(const struct buffer *buffer);
void buffer_consume(struct buffer *buffer, size_t size);
void buffer_clear(struct buffer *buffer);

/* Zeroed memory. Without memory the program ends: PID 1 cannot go on. */
void *must_allocate(size_t size);
char *must_copy(const char *text);

#endif
