/* The harness's own log: lines that end up on the guest's console, and so in the host's ring file. */
#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static int target = STDERR_FILENO;

void log_to_kernel(void)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		target = fd;
}

void log_line(const char *format, ...)
{
	char text[400];
	char line[448];
	va_list arguments;
	int length;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	/* Level 1, so that a console that is otherwise quiet shows it. */
	length = snprintf(line, sizeof(line), "%saegis: %s\n", target == STDERR_FILENO ? "" : "<1>", text);
	if (write(target, line, (size_t)length) < 0)
		return; /* There is no other place to say it. */
}
