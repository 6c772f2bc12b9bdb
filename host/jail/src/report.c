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
static void speak(const char *prefix, const char *format, va_list values, const char *suffix)
{
	char text[1024];
	vsnprintf(text, sizeof text, format, values);
	for (char *c = text; (c = strchr(c, '\n')) != NULL; *c = ' ')
		;
	dprintf(status, "%s%s%s%s\n", prefix, text, suffix[0] == '\0' ? "" : ": ", suffix);
}

void say(const char *format, ...)
{
	va_list values;
	va_start(values, format);
	speak("", format, values, "");
	va_end(values);
}

void fail(const char *format, ...)
{
	const char *reason = errno == 0 ? "" : strerror(errno);
	va_list values;
	va_start(values, format);
	speak("error ", format, values, reason);
	va_end(values);
	_exit(NOT_STARTED);
}
