/*
 * Files that come when the program runs already. The daemon writes a line to our stdin:
 *
 *     add-fd SET ro|rw PATH
 *
 * We open the file and pass it to the program's second monitor, which then has it as /dev/fdset/SET, and answer with
 * "added SET" or "error REASON". When stdin ends, the monitor is closed.
 */
#include "jail.h"

#include <sys/socket.h>

enum { MAX_LINE = 8192 };

/* Reads, a byte at a time since it is little, the line by which the monitor answers. Returns whether that is no error. */
static bool answered(int monitor)
{
	char line[16] = "";
	size_t length = 0;
	for (char byte; read(monitor, &byte, 1) == 1;) {
		if (byte == '\n' && strncmp(line, "{\"return\"", 9) == 0)
			return true;
		if (byte == '\n' && strncmp(line, "{\"error\"", 8) == 0)
			return false;
		if (byte == '\n')
			length = 0;
		else if (length < sizeof line)
			line[length++] = byte;
	}
	return false;
}

static bool command(int monitor, const char *text, int passed)
{
	struct iovec bytes = {.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text)};
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr header;
	} control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
	if (passed >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control;
		memcpy(CMSG_DATA(&control.header), &passed, sizeof passed);
	}
	return sendmsg(monitor, &message, MSG_NOSIGNAL) == (ssize_t)bytes.iov_len && answered(monitor);
}

static void add_file(int monitor, const char *arguments)
{
	unsigned set;
	char access;
	int path = 0;
	if (sscanf(arguments, "add-fd %u r%c %n", &set, &access, &path) != 2 || arguments[path] != '/') {
		say("error no command: %s", arguments);
		return;
	}
	const char *name = arguments + path;
	int file = open(name, (access == 'w' ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat found;
	char text[96];
	snprintf(text, sizeof text, "{\"execute\":\"add-fd\",\"arguments\":{\"fdset-id\":%u}}\n", set);
	if (file < 0)
		say("error cannot open %s: %m", name);
	else if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode))
		say("error %s is no regular file", name);
	else if (!command(monitor, text, file))
		say("error the program did not take %s", name);
	else
		say("added %u", set);
	if (file >= 0)
		close(file);
}

bool serve_commands(int monitor)
{
	static char pending[MAX_LINE];
	static size_t length;
	static bool greeted;
	ssize_t got = read(STDIN_FILENO, pending + length, sizeof pending - 1 - length);
	if (got <= 0) /* So it is too if a line does not fit. */
		return false;
	greeted = greeted || command(monitor, "{\"execute\":\"qmp_capabilities\"}\n", -1);
	length += (size_t)got;
	pending[length] = '\0';
	char *line = pending;
	for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		add_file(monitor, line);
	}
	length -= (size_t)(line - pending);
	memmove(pending, line, length);
	return true;
}
