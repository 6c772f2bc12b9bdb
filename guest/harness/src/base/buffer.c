/* A growable queue of bytes, used for control messages and for what a slow reader has not read yet. */
#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { SMALLEST = 4096 };

static void *or_die(void *memory)
{
	if (memory == NULL) {
		log_line("out of memory");
		abort();
	}
	return memory;
}

void *must_allocate(size_t size)
{
	return or_die(calloc(1, size));
}

char *must_copy(const char *text)
{
	return or_die(strdup(text));
}

static void move_to_front(struct buffer *buffer)
{
	if (buffer->start > 0 && buffer->size > 0)
		memmove(buffer->bytes, buffer->bytes + buffer->start, buffer->size);
	buffer->start = 0;
}

uint8_t *buffer_room(struct buffer *buffer, size_t more)
{
	size_t needed = buffer->size + more;

	if (buffer->start + needed > buffer->capacity)
		move_to_front(buffer);
	if (needed > buffer->capacity) {
		size_t capacity = buffer->capacity == 0 ? SMALLEST : buffer->capacity;

		while (capacity < needed)
			capacity *= 2;
		buffer->bytes = or_die(realloc(buffer->bytes, capacity));
		buffer->capacity = capacity;
	}
	return buffer->bytes + buffer->start + buffer->size;
}

void buffer_grew(struct buffer *buffer, size_t by)
{
	buffer->size += by;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
	if (size == 0)
		return;
	memcpy(buffer_room(buffer, size), bytes, size);
	buffer_grew(buffer, size);
}

const uint8_t *buffer_front(const struct buffer *buffer)
{
	return buffer->bytes + buffer->start;
}

void buffer_consume(struct buffer *buffer, size_t size)
{
	buffer->start += size;
	buffer->size -= size;
	if (buffer->size == 0)
		buffer->start = 0;
}

void buffer_clear(struct buffer *buffer)
{
	free(buffer->bytes);
	memset(buffer, 0, sizeof(*buffer));
}
