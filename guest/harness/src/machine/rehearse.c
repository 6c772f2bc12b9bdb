/*
 * A rehearsal. An emulator translates code on its first use, including the kernel's code for mount, fork and execve, and
 * most of the time that an instance needs to start goes there. So a machine that is kept for the next instance has done
 * all of it before, on a scratch disk. A child in its own mount and pid namespaces does it; when the child ends, nothing
 * of it remains.
 */
#include "machine/rehearse.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine/identity_files.h"
#include "machine/mounts.h"
#include "process/cgroup.h"
#include "process/child.h"
#include "process/clone.h"

/* What the child reports; error_number is 0 for success. */
struct failure {
	int error_number;
	char step[REHEARSAL_STEP_MAX];
};

static const char *const programs[][4] = {
	{"true", NULL},
	{"sh", "-c", "true", NULL},
	{"echo", "rehearsed", NULL},
};

static void read_to_the_end(int fd)
{
	char bytes[64];
	ssize_t got;

	do {
		got = read(fd, bytes, sizeof(bytes));
	} while (got > 0 || (got < 0 && errno == EINTR));
}

/* Runs it as spawn does, in a cgroup and with a pipe. Fails silently when the image lacks the program. */
static int run_program(const char *const *command)
{
	static char *const no_environment[] = {NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct cgroup *cgroup = cgroup_take();
	struct child_plan plan = {
		.command = (char **)(uintptr_t)command,
		.environment = (char **)(uintptr_t)no_environment,
		.join_cgroup = -1,
		.report = null,
	};
	int ends[2];
	pid_t pid;

	if (null < 0 || pipe2(ends, O_CLOEXEC) != 0)
		return errno;
	plan.standard[0] = null;
	plan.standard[1] = plan.standard[2] = ends[1];
	pid = clone_child(child_run, &plan, cgroup_directory(cgroup));
	if (pid < 0)
		return errno;
	close(ends[1]);
	close(null);
	read_to_the_end(ends[0]);
	close(ends[0]);
	return waitpid(pid, NULL, 0) == pid ? 0 : errno;
}

static int rehearse_start(const char *root, const char *disk, const char **step)
{
	int outcome = mounts_enter_root(root, disk, step);

	if (outcome != 0)
		return outcome;
	identity_files_prepare();
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]) && outcome == 0; i++) {
		*step = programs[i][0];
		outcome = run_program(programs[i]);
	}
	return outcome;
}

static _Noreturn void child(const char *root, const char *disk, int report)
{
	struct failure failure = {0};
	const char *step = "";

	failure.error_number = rehearse_start(root, disk, &step);
	snprintf(failure.step, sizeof(failure.step), "%s", step);
	_exit(write(report, &failure, sizeof(failure)) == (ssize_t)sizeof(failure) ? 0 : 1);
}

/* A device that is still in use would make the real mount fail, or find a half-written disk. */
static int expect_free(const char *device)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", device);
	fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* Reads the child's report and waits for its end. A child without a report has died. */
static int outcome_of(pid_t pid, int report, char *step)
{
	struct failure failure = {.error_number = ECHILD, .step = "child"};

	if (read(report, &failure, sizeof(failure)) != (ssize_t)sizeof(failure))
		failure.error_number = ECHILD;
	if (waitpid(pid, NULL, 0) != pid)
		failure.error_number = errno;
	memcpy(step, failure.step, REHEARSAL_STEP_MAX);
	return failure.error_number;
}

int rehearse(const char *root, const char *disk, char *step)
{
	struct clone_args arguments = {.flags = CLONE_NEWNS | CLONE_NEWPID, .exit_signal = SIGCHLD};
	int report[2];
	int outcome;
	long pid;

	snprintf(step, REHEARSAL_STEP_MAX, "clone");
	if (pipe2(report, O_CLOEXEC) != 0)
		return errno;
	pid = syscall(SYS_clone3, &arguments, sizeof(arguments));
	if (pid == 0)
		child(root, disk, report[1]);
	outcome = pid < 0 ? errno : 0;
	close(report[1]);
	if (outcome == 0)
		outcome = outcome_of((pid_t)pid, report[0], step);
	close(report[0]);
	if (outcome != 0)
		return outcome;
	snprintf(step, REHEARSAL_STEP_MAX, "devices in use");
	outcome = expect_free(disk);
	return outcome != 0 ? outcome : expect_free(root);
}
