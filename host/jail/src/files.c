/*
 * What comes for the program when it runs already, over a socket that it has as FILES_FD. The daemon writes lines to our stdin:
 *
 *     open ro|wo|rw PATH    opens a file, which goes with the next text
 *     send TEXT             sends a line
 *     hear                  is answered with the next line that the program has sent, or as much of it as fits: "heard LINE"
 *
 * The others are answered with "done"; each may be answered with "error REASON". When stdin ends, the socket is closed.
 */
#include "jail.h"

#include <sys/socket.h>

enum { MAX_LINE = 8192 };

/* What goes with the next text; -1: nothing. */
static int file = -1;

static void open_file(const char *arguments)
{
	char access[3];
	int path = 0;
	if (sscanf(arguments, "open %2s %n", access, &path) != 1 || arguments[path] != '/') {
		say("error unknown command: %s", arguments);
		return;
	}
	const char *name = arguments + path;
	int mode = strcmp(access, "rw") == 0 ? O_RDWR : strcmp(access, "wo") == 0 ? O_WRONLY : O_RDONLY;
	int opened = open(name, mode | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat found;
	if (opened < 0) {
		say("error cannot open %s: %m", name);
	} else if (fstat(opened, &found) != 0 || !S_ISREG(found.st_mode)) {
		say("error %s is not a regular file", name);
		close(opened);
	} else {
		close(file);
		file = opened;
		say("done");
	}
}

static void send_line(FILE *socket, char *text)
{
	size_t length = strlen(text);
	text[length] = '\n'; /* There was one when it was read. */
	struct iovec bytes = {.iov_base = text, .iov_len = length + 1};
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr header;
	} control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control};
	message.msg_controllen = file < 0 ? 0 : sizeof control;
	memcpy(CMSG_DATA(&control.header), &file, sizeof file);
	bool sent = sendmsg(fileno(socket), &message, MSG_NOSIGNAL) == (ssize_t)bytes.iov_len;
	close(file);
	file = -1;
	say(sent ? "done" : "error the program does not take it");
}

static void hear(FILE *socket)
{
	char line[MAX_LINE];
	if (fgets(line, sizeof line, socket) == NULL)
		say("error the program says nothing more");
	else
		say("heard %.*s", (int)strcspn(line, "\n"), line);
}

bool serve_command(int descriptor)
{
	static FILE *socket;
	char line[MAX_LINE];
	char *end = fgets(line, sizeof line, stdin) == NULL ? NULL : strchr(line, '\n');
	if (end == NULL) /* So it is too if a line does not fit. */
		return false;
	*end = '\0';
	if (socket == NULL) {
		socket = fdopen(descriptor, "r");
		must(socket != NULL, "cannot read from the program's socket: %m");
	}
	if (strncmp(line, "send ", 5) == 0)
		send_line(socket, line + 5);
	else if (strcmp(line, "hear") == 0)
		hear(socket);
	else
		open_file(line);
	return true;
}
