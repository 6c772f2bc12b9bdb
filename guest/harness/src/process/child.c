/* The child between clone and execve: sets up its streams, terminal, limits and user, then becomes the command. */
#include "process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process/cgroup.h"

enum { REPORT = 3, FILES_SOFT = 1024, FILES_HARD = 524288 };

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const char *child_step_name(enum child_step step)
{
	static const char *const names[] = {
		[CHILD_STANDARD] = "standard streams",
		[CHILD_TERMINAL] = "terminal",
		[CHILD_DIRECTORY] = "working directory",
		[CHILD_USER] = "user",
		[CHILD_EXEC] = "command",
	};

	return names[step];
}

static _Noreturn void fail(int report, enum child_step step)
{
	struct child_failure failure = {.step = step, .error_number = errno};

	if (write(report, &failure, sizeof(failure)) < 0)
		_exit(126);
	_exit(127);
}

static void take_standard_streams(const struct child_plan *plan)
{
	for (int i = 0; i < 3; i++)
		if (dup2(plan->standard[i], i) < 0)
			fail(plan->report, CHILD_STANDARD);
	if (plan->report != REPORT && dup3(plan->report, REPORT, O_CLOEXEC) < 0)
		fail(plan->report, CHILD_STANDARD);
	syscall(SYS_close_range, REPORT + 1, ~0U, 0);
}

/* The dispositions are the defaults already, since the harness has no handler. */
static void unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The harness has a higher file limit and its own umask. Its children get the usual ones. */
static void set_usual_limits(void)
{
	struct rlimit files = {.rlim_cur = FILES_SOFT, .rlim_max = FILES_HARD};

	setrlimit(RLIMIT_NOFILE, &files);
	umask(022);
}

static const char *path_of(char **environment)
{
	for (size_t i = 0; environment[i] != NULL; i++)
		if (strncmp(environment[i], "PATH=", 5) == 0)
			return environment[i] + 5;
	return default_path;
}

/* Tries each directory. EACCES is remembered, since it says more than ENOENT. */
static void exec_by_path(const struct child_plan *plan)
{
	const char *path = path_of(plan->environment);
	int outcome = ENOENT;

	while (path != NULL) {
		const char *end = strchrnul(path, ':');
		int length = (int)(end - path);
		char file[PATH_MAX];

		if (snprintf(file, sizeof(file), "%.*s%s%s", length, path, length > 0 ? "/" : "./",
			     plan->command[0]) < (int)sizeof(file))
			execve(file, plan->command, plan->environment);
		else
			errno = ENAMETOOLONG;
		if (errno == EACCES)
			outcome = EACCES;
		else if (errno != ENOENT && errno != ENOTDIR)
			return;
		path = *end == ':' ? end + 1 : NULL;
	}
	errno = outcome;
}

void child_run(void *argument)
{
	const struct child_plan *plan = argument;

	if (plan->join_cgroup >= 0)
		cgroup_join(plan->join_cgroup);
	setsid();
	take_standard_streams(plan);
	if (plan->terminal && ioctl(STDIN_FILENO, TIOCSCTTY, 0) != 0)
		fail(REPORT, CHILD_TERMINAL);
	set_usual_limits();
	if (chdir(plan->cwd != NULL ? plan->cwd : "/") != 0)
		fail(REPORT, CHILD_DIRECTORY);
	if (plan->user != NULL && !users_become(plan->user))
		fail(REPORT, CHILD_USER);
	unblock_signals();
	if (strchr(plan->command[0], '/') != NULL)
		execve(plan->command[0], plan->command, plan->environment);
	else
		exec_by_path(plan);
	fail(REPORT, CHILD_EXEC);
}
