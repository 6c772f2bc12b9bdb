/* The harness's own log. Its lines reach the guest's console, and with it the host's ring file. */
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
	/* Level 1, so that the console shows it although it shows little else. */
	length = snprintf(line, sizeof(line), "%saegis: %s\n", target == STDERR_FILENO ? "" : "<1>", text);
	if (write(target, line, (size_t)length) < 0)
		return; /* There is nowhere else to report it. */
}
