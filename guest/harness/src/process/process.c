/* The table of processes: answers their start, reports their end, gives back their cgroup. */
#include "process/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "channel/forward.h"
#include "channel/outbox.h"
#include "channel/rpc.h"
#include "process/cgroup.h"
#include "process/child.h"

static struct process *first;
static size_t records;
static bool main_was_started;
static bool sweep_wanted;

struct process *process_add(const char *exec_id)
{
	struct process *process = must_allocate(sizeof(*process));

	strncpy(process->exec_id, exec_id, EXEC_ID_MAX);
	process->report.fd = -1;
	process->terminal = -1;
	process->next = first;
	first = process;
	records++;
	return process;
}

struct process *process_find(const char *exec_id)
{
	struct process *process = first;

	while (process != NULL && strcmp(process->exec_id, exec_id) != 0)
		process = process->next;
	return process;
}

const char *process_in_cgroup(unsigned int number)
{
	const struct process *process = first;

	while (process != NULL && !cgroup_is_named(process->cgroup, number))
		process = process->next;
	return process == NULL ? NULL : process->exec_id;
}

bool process_table_is_full(void)
{
	return records >= PROCESSES_MAX;
}

size_t process_count(void)
{
	size_t count = 0;

	for (struct process *process = first; process != NULL; process = process->next)
		count += process->pid > 0;
	return count;
}

bool process_main_was_started(void)
{
	return main_was_started;
}

static void abandon(struct stream *stream)
{
	if (stream != NULL)
		forward_abandon(stream);
}

/* A stream can outlive the record that it points to. */
static void disown(struct stream **stream)
{
	if (*stream != NULL)
		(*stream)->owner = NULL;
	*stream = NULL;
}

void process_remove(struct process *process)
{
	struct process **link = &first;

	while (*link != process)
		link = &(*link)->next;
	*link = process->next;
	records--;
	loop_close(&process->report);
	if (process->terminal >= 0)
		close(process->terminal);
	disown(&process->input);
	disown(&process->output);
	disown(&process->errors);
	loop_free(process);
}

/* The error code of a failed start: the command does not exist, cannot be executed, or the system failed. */
static int code_of(const struct child_failure *failure)
{
	if (failure->step != CHILD_EXEC)
		return RPC_SYSTEM_ERROR;
	switch (failure->error_number) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG: /* no file has such a name */
		return RPC_NOT_FOUND;
	case EACCES:
	case ENOEXEC:
	case EISDIR:
	case EPERM:
	case ELIBBAD:
	case ELOOP:
	case ETXTBSY:
		return RPC_NOT_EXECUTABLE;
	default:
		return RPC_SYSTEM_ERROR;
	}
}

static void start_failed(struct process *process, const struct child_failure *failure)
{
	int number = failure->error_number;

	control_refuse(&process->ticket, code_of(failure), number, "%s: %s", child_step_name(failure->step),
		       strerror(number));
	abandon(process->input);
	abandon(process->output);
	abandon(process->errors);
}

/* The report pipe has a failure, or has ended because of execve. */
static void settle_start(struct process *process)
{
	struct child_failure failure;
	ssize_t got = read(process->report.fd, &failure, sizeof(failure));

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	loop_close(&process->report);
	if (got == (ssize_t)sizeof(failure)) {
		start_failed(process, &failure);
		return;
	}
	process->started = true;
	main_was_started |= strcmp(process->exec_id, MAIN_EXEC_ID) == 0;
	control_answer(&process->ticket, json_pack("{s:i}", "pid", (int)process->pid));
}

static void report_ready(struct source *source, uint32_t events)
{
	(void)events;
	settle_start((struct process *)((char *)source - offsetof(struct process, report)));
}

void process_watch_start(struct process *process, int report_fd)
{
	process->report.fd = report_fd;
	process->report.ready = report_ready;
	if (loop_watch(&process->report, EPOLLIN) == 0)
		settle_start(process); /* usually it is decided already */
}

/* How a shell exits when its last command was killed. */
enum { OF_KILLED = 128 + SIGKILL };

static json_t *describe_end(const struct process *process, int status)
{
	json_t *params = json_pack("{s:s}", "exec_id", process->exec_id);
	bool killed = WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == OF_KILLED;

	if (WIFSIGNALED(status))
		json_object_set_new(params, "signal", json_integer(WTERMSIG(status)));
	else
		json_object_set_new(params, "code", json_integer(WEXITSTATUS(status)));
	if (killed && cgroup_saw_oom(process->cgroup))
		json_object_set_new(params, "oom", json_true());
	return params;
}

static void hold(struct stream *stream, bool held)
{
	if (stream == NULL)
		return;
	stream->held = held;
	if (!held && !stream->named && !stream->in_ending)
		forward_abandon(stream); /* its session is over: discarded from now on */
}

static void hold_streams(struct process *process, bool held)
{
	hold(process->output, held);
	hold(process->errors, held);
	if (process->session[0] != '\0')
		hold(process->input, held);
}

static void end(struct process *process, int status)
{
	if (process->report.fd >= 0)
		settle_start(process);
	process->pid = 0;
	if (process->waits)
		hold_streams(process, false);
	process->waits = false;
	if (process->started) {
		control_notify("exited", describe_end(process, status));
		if (process->input != NULL)
			forward_reset(process->input, RESET_CANCELLED);
		if (process->output != NULL)
			forward_drain(process->output);
		if (process->errors != NULL)
			forward_drain(process->errors);
	}
	if (process->terminal >= 0)
		close(process->terminal);
	process->terminal = -1;
}

void process_ended(pid_t pid, int status)
{
	sweep_wanted = true; /* an orphan can be the last member of a cgroup */
	for (struct process *process = first; process != NULL; process = process->next) {
		if (process->pid == pid) {
			end(process, status);
			return;
		}
	}
}

void process_sweep(void)
{
	struct process *next;

	if (!sweep_wanted)
		return;
	sweep_wanted = false;
	for (struct process *process = first; process != NULL; process = next) {
		next = process->next;
		if (process->pid == 0 && cgroup_give_back(process->cgroup))
			process_remove(process);
	}
}


/* Those that go on in a copy. One that waits is held already, and until a client connects. */
static void hold_all(bool held)
{
	for (struct process *process = first; process != NULL; process = process->next)
		if (!process->waits && (process->session[0] != '\0' || strcmp(process->exec_id, MAIN_EXEC_ID) == 0))
			hold_streams(process, held);
}

void process_hold_all(void)
{
	cgroup_freeze_all(true);
	hold_all(true);
}

void process_release_all(void)
{
	hold_all(false);
	cgroup_freeze_all(false);
}

/* The descriptor of a stream whose session is over goes on as a stream of this number; without one, that is at its end. */
static void adopt(struct stream **owner, enum stream_kind kind, uint32_t id)
{
	struct stream *old = *owner;
	bool terminal = old != NULL && old->terminal;
	int fd = old != NULL && old->io.fd >= 0 ? loop_release(&old->io) : -1;
	struct stream *stream = NULL;

	if (old != NULL)
		stream_settle(old);
	if (id != 0 && fd >= 0)
		stream = stream_open(id, kind, owner);
	if (stream != NULL) {
		stream->terminal = terminal;
		forward_attach(stream, fd);
		return;
	}
	if (fd >= 0)
		close(fd);
	if (id != 0 && kind == STREAM_OUTPUT)
		outbox_eof(id);
	else if (id != 0)
		outbox_number(FRAME_RESET, id, RESET_CANCELLED);
}

void process_connect(struct process *process, const char *exec_id, const struct process_params *params)
{
	snprintf(process->exec_id, sizeof(process->exec_id), "%s", exec_id);
	process->waits = false;
	adopt(&process->input, STREAM_STDIN, params->stdin_stream);
	adopt(&process->output, STREAM_OUTPUT, params->stdout_stream);
	adopt(&process->errors, STREAM_OUTPUT, params->stderr_stream);
}

void process_adopt_main(struct process *main, const struct process_params *streams)
{
	for (struct process *process = first; process != NULL; process = process->next) {
		process->waits = process->session[0] != '\0' && process->pid > 0;
		if (process != main && !process->waits)
			process_kill(process);
	}
	process_connect(main, MAIN_EXEC_ID, streams);
	cgroup_freeze_all(false);
}

struct process *process_waiting(const char *session)
{
	struct process *process = first;

	while (process != NULL && !(process->waits && strcmp(process->session, session) == 0))
		process = process->next;
	return process;
}

void process_resize(const struct process *process, unsigned short rows, unsigned short columns)
{
	struct winsize size = {.ws_row = rows, .ws_col = columns};

	ioctl(process->terminal, TIOCSWINSZ, &size);
}

void process_kill(const struct process *process)
{
	if (!cgroup_kill(process->cgroup) && process->pid > 0)
		kill(-process->pid, SIGKILL);
}

void process_kill_all(void)
{
	for (struct process *process = first; process != NULL; process = process->next)
		process_kill(process);
	if (getpid() == 1)
		kill(-1, SIGKILL);
}
