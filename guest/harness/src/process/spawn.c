/* Spawning: cgroup, standard streams, clone, and the pipe on which execve reports. */
#include "process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel/forward.h"
#include "channel/rpc.h"
#include "process/cgroup.h"
#include "process/child.h"
#include "process/clone.h"
#include "process/process.h"

enum { PIPE_SIZE = 262144 };

/* Both ends of the standard streams; -1 where there is none. */
struct standard {
	int child[3];
	int ours[3];
	int terminal;
};

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_child_ends(struct standard *standard)
{
	for (int i = 0; i < 3; i++)
		close_if_open(&standard->child[i]);
}

static void close_all(struct standard *standard)
{
	int saved = errno;

	close_child_ends(standard);
	for (int i = 0; i < 3; i++)
		close_if_open(&standard->ours[i]);
	close_if_open(&standard->terminal);
	errno = saved;
}

/* One standard stream as a pipe, or /dev/null when the host does not want it. */
static bool open_pipe(struct standard *standard, int which, bool wanted)
{
	int ends[2];
	int child = which == STDIN_FILENO ? 0 : 1;

	if (!wanted) {
		standard->child[which] = open("/dev/null", O_RDWR | O_CLOEXEC);
		return standard->child[which] >= 0;
	}
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	standard->child[which] = ends[child];
	standard->ours[which] = ends[1 - child];
	fcntl(ends[1 - child], F_SETFL, O_NONBLOCK);
	if (which != STDIN_FILENO)
		fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE);
	return true;
}

/* A terminal: input and output share its master side. */
static bool open_terminal(struct standard *standard, const struct process_params *params)
{
	struct winsize size = {.ws_row = params->rows, .ws_col = params->columns};
	int unlocked = 0;
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int slave;

	standard->terminal = master;
	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked) != 0)
		return false;
	ioctl(master, TIOCSWINSZ, &size);
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	standard->child[0] = slave;
	if (slave < 0)
		return false;
	standard->child[1] = fcntl(slave, F_DUPFD_CLOEXEC, 3);
	standard->child[2] = fcntl(slave, F_DUPFD_CLOEXEC, 3);
	standard->ours[0] = params->stdin_stream != 0 ? fcntl(master, F_DUPFD_CLOEXEC, 3) : -1;
	standard->ours[1] = fcntl(master, F_DUPFD_CLOEXEC, 3);
	return standard->child[1] >= 0 && standard->child[2] >= 0 && standard->ours[1] >= 0;
}

static bool open_standard(struct standard *standard, const struct process_params *params)
{
	*standard = (struct standard){{-1, -1, -1}, {-1, -1, -1}, -1};
	if (params->terminal)
		return open_terminal(standard, params);
	return open_pipe(standard, 0, params->stdin_stream != 0) && open_pipe(standard, 1, params->stdout_stream != 0) &&
	       open_pipe(standard, 2, params->stderr_stream != 0);
}

/* So that a process of another user can open /dev/stdout, which opens the pipe again. */
static void give_to_user(const struct standard *standard, const struct user *user)
{
	struct stat status;

	for (int i = 0; i < 3; i++)
		if (fstat(standard->child[i], &status) == 0 && (S_ISFIFO(status.st_mode) || isatty(standard->child[i])))
			if (fchown(standard->child[i], user->uid, user->gid) != 0)
				return;
}

/* Clones into the cgroup. Where the kernel cannot do that, the child moves itself. */
static pid_t start_in_cgroup(struct child_plan *plan, int cgroup)
{
	pid_t pid;

	plan->join_cgroup = -1;
	pid = clone_child(child_run, plan, cgroup);
	if (pid > 0 || cgroup < 0)
		return pid;
	plan->join_cgroup = cgroup;
	return clone_child(child_run, plan, -1);
}

/* Starts the child and returns the reading end of its report pipe, or -1. */
static int start_child(struct process *process, struct child_plan *plan)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	process->cgroup = cgroup_take();
	plan->report = ends[1];
	pid = start_in_cgroup(plan, cgroup_directory(process->cgroup));
	process->pid = pid > 0 ? pid : 0;
	close(ends[1]);
	if (pid < 0)
		close_if_open(&ends[0]);
	return ends[0];
}

static bool open_streams(struct process *process, const struct process_params *params)
{
	if (params->stdin_stream != 0 && stream_open(params->stdin_stream, STREAM_STDIN, &process->input) == NULL)
		return false;
	if (params->stdout_stream != 0 && stream_open(params->stdout_stream, STREAM_OUTPUT, &process->output) == NULL)
		return false;
	return params->stderr_stream == 0 ||
	       stream_open(params->stderr_stream, STREAM_OUTPUT, &process->errors) != NULL;
}

static void attach(struct stream *stream, int *fd, bool terminal)
{
	if (stream == NULL)
		return;
	stream->terminal = terminal;
	forward_attach(stream, *fd);
	*fd = -1;
}

static void refuse(struct process *process, int code, const char *what)
{
	struct stream *streams[] = {process->input, process->output, process->errors};
	int number = errno;

	control_refuse(&process->ticket, code, code == RPC_SYSTEM_ERROR ? number : 0, "%s: %s", what,
		       code == RPC_SYSTEM_ERROR ? strerror(number) : "too many");
	for (int i = 0; i < 3; i++)
		if (streams[i] != NULL)
			forward_abandon(streams[i]);
	cgroup_give_back(process->cgroup);
	process_remove(process);
}

static void run(struct process *process, const struct process_params *params, struct child_plan *plan)
{
	struct standard standard;
	int report;

	if (!open_streams(process, params)) {
		refuse(process, RPC_TOO_MANY, "streams");
		return;
	}
	if (!open_standard(&standard, params)) {
		refuse(process, RPC_SYSTEM_ERROR, "standard streams");
		close_all(&standard);
		return;
	}
	if (plan->user != NULL)
		give_to_user(&standard, plan->user);
	memcpy(plan->standard, standard.child, sizeof(plan->standard));
	report = start_child(process, plan);
	if (report < 0) {
		refuse(process, RPC_SYSTEM_ERROR, "clone");
		close_all(&standard);
		return;
	}
	close_child_ends(&standard);
	process->terminal = standard.terminal;
	standard.terminal = -1;
	attach(process->input, &standard.ours[0], params->terminal);
	attach(process->output, &standard.ours[1], params->terminal);
	attach(process->errors, &standard.ours[2], false);
	close_all(&standard);
	process_watch_start(process, report);
}

void spawn(struct process_params *params, const char *exec_id, const struct ticket *ticket)
{
	struct child_plan plan = {
		.command = params->command,
		.environment = params->environment,
		.cwd = params->cwd,
		.terminal = params->terminal,
	};
	struct process *process;
	struct user user;

	if (params->user != NULL && !users_look_up(params->user, &user)) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "user %s: not in the guest's /etc/passwd or /etc/group",
			       params->user);
		return;
	}
	if (params->user != NULL) {
		process_params_add_home(params, user.home);
		plan.user = &user;
	}
	process = process_add(exec_id);
	process->ticket = *ticket;
	if (params->session != NULL)
		snprintf(process->session, sizeof(process->session), "%s", params->session);
	run(process, params, &plan);
}
