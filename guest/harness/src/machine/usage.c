/* What the guest has used since boot, as the kernel counts it. */
#include "machine/usage.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STAT_MAX = 512, DEVICES_MAX = 65536, NUMBERS_IN_LINE = 16, SENT = 8 };

/* Reads as much of the file as fits, terminated; "" when there is no file. */
static void read_text(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t got = 1;

	while (fd >= 0 && got > 0 && size + 1 < room) {
		got = read(fd, text + size, room - 1 - size);
		if (got > 0)
			size += (size_t)got;
	}
	text[size] = '\0';
	if (fd >= 0)
		close(fd);
}

/* User, nice and system time are the first three numbers of the first line. */
int64_t usage_cpu_ms_in(const char *stat)
{
	uint64_t ticks = 0;
	char *after;

	if (strncmp(stat, "cpu ", 4) != 0)
		return 0;
	stat += 4;
	for (int i = 0; i < 3; i++) {
		ticks += strtoull(stat, &after, 10);
		stat = after;
	}
	return (int64_t)(ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK));
}

/* Of the 16 numbers of an interface, the first counts the bytes received and the ninth those sent. */
static uint64_t bytes_of(const char *numbers)
{
	uint64_t bytes = 0;
	char *after;

	for (int i = 0; i <= SENT; i++) {
		uint64_t number = strtoull(numbers, &after, 10);

		if (i == 0 || i == SENT)
			bytes += number;
		numbers = after;
	}
	return bytes;
}

/* A line that was cut off has fewer numbers, and is left out. */
static int count_numbers(const char *line, const char *end)
{
	int count = 0;

	for (const char *at = line; at < end; at++)
		count += *at >= '0' && *at <= '9' && (at[-1] == ' ' || at[-1] == ':');
	return count;
}

int64_t usage_net_bytes_in(const char *devices)
{
	uint64_t bytes = 0;
	const char *end;

	for (const char *line = devices; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		const char *name = line + strspn(line, " ");
		const char *colon = memchr(name, ':', (size_t)(end - name));

		if (colon == NULL || count_numbers(colon + 1, end) != NUMBERS_IN_LINE)
			continue;
		if (colon - name != 2 || memcmp(name, "lo", 2) != 0)
			bytes += bytes_of(colon + 1);
	}
	return (int64_t)(bytes & INT64_MAX);
}

int64_t usage_cpu_ms(void)
{
	char text[STAT_MAX];

	read_text("/proc/stat", text, sizeof(text));
	return usage_cpu_ms_in(text);
}

int64_t usage_net_bytes(void)
{
	static char text[DEVICES_MAX];

	read_text("/proc/net/dev", text, sizeof(text));
	return usage_net_bytes_in(text);
}
