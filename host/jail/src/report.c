#include "jail.h"

#include <stdarg.h>

static int status = STDOUT_FILENO;

/* From here on stdout is what the program prints, beside its stderr. */
void open_report(void)
{
	status = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, SHARE_FD + 1);
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

/* A line is one write of less than a pipe takes at once, since launcher and child both speak. If nobody listens, so be it. */
void say(const char *format, ...)
{
	char text[1024];
	va_list values;
	va_start(values, format);
	vsnprintf(text, sizeof text, format, values);
	va_end(values);
	for (char *c = text; (c = strchr(c, '\n')) != NULL; *c = ' ')
		;
	dprintf(status, "%s\n", text);
}
