/*
 * Files that come when the program runs already. The daemon writes a line to our stdin:
 *
 *     add-fd SET ro|wo|rw PATH
 *
 * We open the file and pass it to the program's second monitor, which then has it as /dev/fdset/SET, and answer with
 * "added SET" or "error REASON". When stdin ends, the monitor is closed.
 */
#include "jail.h"

#include <sys/socket.h>

enum { MAX_LINE = 8192 };

/* Passes a file along, unless that is -1. Returns whether the answer, which may have events before it, is no error. */
static bool command(FILE *monitor, const char *text, int file)
{
	struct iovec bytes = {.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text)};
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr header;
	} control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control};
	message.msg_controllen = file < 0 ? 0 : sizeof control;
	memcpy(CMSG_DATA(&control.header), &file, sizeof file);
	if (sendmsg(fileno(monitor), &message, MSG_NOSIGNAL) != (ssize_t)bytes.iov_len)
		return false;
	char line[MAX_LINE] = "";
	while (strncmp(line, "{\"return\"", 9) != 0) {
		if (fgets(line, sizeof line, monitor) == NULL || strncmp(line, "{\"error\"", 8) == 0)
			return false;
	}
	return true;
}

static void add_file(FILE *monitor, const char *arguments)
{
	unsigned set;
	char access[3];
	int path = 0;
	if (sscanf(arguments, "add-fd %u %2s %n", &set, access, &path) != 2 || arguments[path] != '/') {
		say("error unknown command: %s", arguments);
		return;
	}
	const char *name = arguments + path;
	int mode = strcmp(access, "rw") == 0 ? O_RDWR : strcmp(access, "wo") == 0 ? O_WRONLY : O_RDONLY;
	int file = open(name, mode | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat found;
	char text[96];
	snprintf(text, sizeof text, "{\"execute\":\"add-fd\",\"arguments\":{\"fdset-id\":%u}}\n", set);
	if (file < 0)
		say("error cannot open %s: %m", name);
	else if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode))
		say("error %s is not a regular file", name);
	else if (!command(monitor, text, file))
		say("error QEMU did not accept %s", name);
	else
		say("added %u", set);
	close(file);
}

bool serve_command(int descriptor)
{
	static FILE *monitor;
	char line[MAX_LINE];
	char *end = fgets(line, sizeof line, stdin) == NULL ? NULL : strchr(line, '\n');
	if (end == NULL) /* So it is too if a line does not fit. */
		return false;
	*end = '\0';
	if (monitor == NULL) {
		monitor = fdopen(descriptor, "r");
		must(monitor != NULL, "cannot read from the program's monitor: %m");
		command(monitor, "{\"execute\":\"qmp_capabilities\"}\n", -1);
	}
	add_file(monitor, line);
	return true;
}
