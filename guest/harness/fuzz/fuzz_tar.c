/* Fuzz target: tar streams, which anybody may have made. No name of an entry leads out, and no content is more than came. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *rest;
static size_t rest_size;

/* In pieces, as a pipe gives them. */
static size_t give(void *bytes, size_t room)
{
	size_t size = rest_size < room ? rest_size : room;

	size = size > 700 ? 700 : size;
	memcpy(bytes, rest, size);
	rest += size;
	rest_size -= size;
	return size;
}

/* Half of the inputs get sums that are right, or hardly a header would be read. */
static uint8_t *with_sums(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1);

	if (copy == NULL)
		abort();
	if (size > 0)
		memcpy(copy, data, size);
	for (size_t at = 0; size % 2 == 0 && at + TAR_BLOCK <= size; at += TAR_BLOCK) {
		unsigned int sum = 8 * ' ';

		for (size_t i = 0; i < TAR_BLOCK; i++)
			sum += i >= 148 && i < 156 ? 0 : copy[at + i];
		if (sum > 8 * ' ')
			snprintf((char *)copy + at + 148, 8, "%06o", sum & 0777777);
	}
	return copy;
}

static void check_path(const char *path)
{
	size_t size = strlen(path);

	if (path[0] == '/' || (size > 0 && path[size - 1] == '/') || strcmp(path, "..") == 0 || strstr(path, "/../") != NULL ||
	    strncmp(path, "../", 3) == 0 || (size > 2 && strcmp(path + size - 3, "/..") == 0) || strstr(path, "//") != NULL)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tar_entry entry;
	uint8_t content[1000];
	uint64_t total = 0;
	size_t got;

	uint8_t *copy = with_sums(data, size);

	rest = copy;
	rest_size = size;
	tar_begin(give);
	while (tar_next(&entry) == NULL && entry.type != '\0') {
		if (strchr("-dlh", entry.type) == NULL || entry.size < 0 || entry.mode > 07777)
			abort();
		check_path(entry.name);
		if (entry.type == 'h')
			check_path(entry.link);
		while ((got = tar_content(content, sizeof(content))) > 0)
			total += got;
		if (total > size || tar_left() < 0)
			abort();
	}
	free(copy);
	return 0;
}
