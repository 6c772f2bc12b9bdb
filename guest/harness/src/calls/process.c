/* The calls about processes. */
#include "calls/process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>

#include "channel/params.h"
#include "channel/rpc.h"
#include "channel/stream.h"
#include "machine/holders.h"
#include "machine/mounts.h"
#include "machine/share.h"
#include "process/params.h"
#include "process/process.h"
#include "process/spawn.h"

/* Records the streams that a request names, even if it fails. False: one of them is in use. */
static bool name_streams(const struct process_params *params)
{
	const uint32_t streams[] = {params->stdin_stream, params->stdout_stream, params->stderr_stream};
	bool all_new = true;

	for (size_t i = 0; i < 3; i++) {
		stream_named(streams[i]);
		all_new &= streams[i] == 0 || stream_find(streams[i]) == NULL;
	}
	return all_new;
}

static void start(struct process_params *params, const char *exec_id, const struct ticket *ticket)
{
	struct process *waiting = params->session != NULL ? process_waiting(params->session) : NULL;

	if (!name_streams(params))
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "a stream of this number is open");
	else if (!mounts_are_done())
		control_refuse(ticket, RPC_WRONG_STATE, 0, "no root is mounted");
	else if (process_find(exec_id) != NULL)
		control_refuse(ticket, RPC_WRONG_STATE, 0, "%s was started already", exec_id);
	else if (waiting != NULL) {
		process_connect(waiting, exec_id, params);
		control_answer(ticket, json_pack("{s:i}", "pid", (int)waiting->pid));
	} else if (process_table_is_full())
		control_refuse(ticket, RPC_TOO_MANY, 0, "more than %d processes", PROCESSES_MAX);
	else
		spawn(params, exec_id, ticket);
}

void call_run(json_t *params, const struct ticket *ticket)
{
	struct process_params wanted;
	char why[WHY_MAX];

	if (!process_params_read(params, &wanted, why))
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "%s", why);
	else if (process_main_was_started())
		control_refuse(ticket, RPC_WRONG_STATE, 0, "the main process was started already");
	else
		start(&wanted, MAIN_EXEC_ID, ticket);
	process_params_free(&wanted);
}

void call_exec(json_t *params, const struct ticket *ticket)
{
	struct process_params wanted;
	char why[WHY_MAX];

	if (!process_params_read(params, &wanted, why))
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "%s", why);
	else if (wanted.exec_id == NULL || strcmp(wanted.exec_id, MAIN_EXEC_ID) == 0)
		control_refuse(ticket, RPC_INVALID_PARAMS, 0,
			       "exec_id must be given, and must not be that of the main process");
	else
		start(&wanted, wanted.exec_id, ticket);
	process_params_free(&wanted);
}

/* The process that the request names, or NULL: then the request was refused. */
static struct process *named_process(json_t *params, const struct ticket *ticket)
{
	const char *exec_id = json_string_value(json_object_get(params, "exec_id"));
	struct process *process;

	if (exec_id == NULL || !exec_id_is_valid(exec_id)) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "exec_id must be 1 to 64 of A-Z a-z 0-9 - _ .");
		return NULL;
	}
	process = process_find(exec_id);
	if (process == NULL)
		control_refuse(ticket, RPC_NO_SUCH_PROCESS, 0, "no process %s", exec_id);
	return process;
}

void call_signal(json_t *params, const struct ticket *ticket)
{
	json_int_t number = json_integer_value(json_object_get(params, "signal"));
	struct process *process;

	if (number < 1 || number >= NSIG) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "signal must be 1 to %d", NSIG - 1);
		return;
	}
	process = named_process(params, ticket);
	if (process == NULL)
		return;
	if (process->pid == 0)
		control_refuse(ticket, RPC_NO_SUCH_PROCESS, 0, "%s has ended", process->exec_id);
	else if (kill(-process->pid, (int)number) != 0 && kill(process->pid, (int)number) != 0)
		control_refuse(ticket, RPC_SYSTEM_ERROR, errno, "signal: %s", strerror(errno));
	else
		control_done(ticket);
}

void call_resize(json_t *params, const struct ticket *ticket)
{
	json_int_t rows = json_integer_value(json_object_get(params, "rows"));
	json_int_t columns = json_integer_value(json_object_get(params, "cols"));
	struct process *process;

	if (rows < 1 || rows > UINT16_MAX || columns < 1 || columns > UINT16_MAX) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "rows and cols must be 1 to %d", UINT16_MAX);
		return;
	}
	process = named_process(params, ticket);
	if (process == NULL)
		return;
	if (process->terminal < 0) {
		control_refuse(ticket, RPC_WRONG_STATE, 0, "%s has no terminal", process->exec_id);
		return;
	}
	process_resize(process, (unsigned short)rows, (unsigned short)columns);
	control_done(ticket);
}

void call_kill(json_t *params, const struct ticket *ticket)
{
	struct process *process = named_process(params, ticket);

	if (process == NULL)
		return;
	process_kill(process);
	control_done(ticket);
}

void call_checkpoint(json_t *params, const struct ticket *ticket)
{
	struct stat roots[SHARES_MAX];
	char holders[400];
	int outcome;

	(void)params;
	process_hold_all();
	outcome = share_let_go();
	if (outcome == 0) {
		control_done(ticket);
		return;
	}
	/* Before it looks at what they have open, which may be of a file system that one of them serves. */
	process_release_all();
	holders_name(roots, share_roots(roots), holders, sizeof(holders));
	control_refuse(ticket, RPC_SYSTEM_ERROR, outcome, "directories of the host are in use by %s", holders);
}

void call_release(json_t *params, const struct ticket *ticket)
{
	int outcome = share_take_again();

	(void)params;
	process_release_all();
	if (outcome != 0)
		control_refuse(ticket, RPC_SYSTEM_ERROR, outcome, "directories of the host: %s", strerror(outcome));
	else
		control_done(ticket);
}

void call_adopt(json_t *params, const struct ticket *ticket)
{
	struct process_params wanted = {0};
	struct process *process = process_find(MAIN_EXEC_ID);

	if (!params_stream(params, "stdout", &wanted.stdout_stream) ||
	    !params_stream(params, "stderr", &wanted.stderr_stream) || !name_streams(&wanted) ||
	    (wanted.stdout_stream != 0 && wanted.stdout_stream == wanted.stderr_stream)) {
		control_refuse(ticket, RPC_INVALID_PARAMS, 0, "stdout and stderr must be new stream numbers");
		return;
	}
	if (process == NULL || process->pid == 0) {
		control_refuse(ticket, RPC_NO_SUCH_PROCESS, 0, "the main process has ended");
		return;
	}
	share_forget_absent();
	process_adopt_main(process, &wanted);
	control_answer(ticket, json_pack("{s:i}", "pid", (int)process->pid));
}
