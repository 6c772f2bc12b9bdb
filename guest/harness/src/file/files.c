/* File calls as PID 1 sees them: a worker, the pipe of its reports, and the stream of its content. */
#include "file/files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "channel/forward.h"
#include "channel/rpc.h"
#include "channel/stream.h"
#include "file/worker.h"

/* A reader splices as much as the pipe can hold. While a writer writes one chunk to the disk, the next one comes. */
enum { PIPE_SIZE = 1 << 20 };

struct work {
	struct work *next;
	enum file_operation operation;
	struct ticket ticket;
	bool answered;
	pid_t pid; /* 0 once reaped */
	struct source report;
	size_t got; /* bytes of the next report so far */
	struct file_report incoming;
	struct stream *stream; /* NULL: there is none, or it is over */
	bool all_came; /* write, unpack: all content up to the host's EOF has been written to the pipe */
	int go; /* write, unpack: our end of the pipe that tells the worker so; -1 afterwards */
	int held; /* when the guest sends: our copy of the worker's end, so that the content does not end before the last report */
};

static struct work *first;
static size_t count;

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static struct work *add(enum file_operation operation, const struct ticket *ticket)
{
	struct work *work = must_allocate(sizeof(*work));

	work->operation = operation;
	work->ticket = *ticket;
	work->report.fd = -1;
	work->go = -1;
	work->held = -1;
	work->next = first;
	first = work;
	count++;
	return work;
}

/* Forgets the work without telling the host. The stream still delivers what it has. */
static void drop(struct work *work)
{
	struct work **link = &first;

	while (*link != work)
		link = &(*link)->next;
	*link = work->next;
	count--;
	loop_close(&work->report);
	close_if_open(&work->go);
	close_if_open(&work->held);
	if (work->stream != NULL) {
		work->stream->owner = NULL;
		work->stream->all_came = NULL;
	}
	loop_free(work);
}

static json_t *facts_of(const struct file_report *report)
{
	const char type[2] = {report->type, '\0'};
	json_t *facts = json_pack("{s:s, s:I, s:i, s:I, s:I, s:I}", "type", type, "size", (json_int_t)report->size, "mode",
				  (int)report->mode, "uid", (json_int_t)report->uid, "gid", (json_int_t)report->gid,
				  "mtime_ns", (json_int_t)report->mtime_ns);
	json_t *target = report->target_size > 0 && report->target_size <= sizeof(report->target)
				 ? json_stringn(report->target, report->target_size)
				 : NULL;

	if (target != NULL) /* JSON cannot carry what is not UTF-8 */
		json_object_set_new(facts, "target", target);
	return facts;
}

static json_t *counts_of(const struct file_counts *counts)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "files", (json_int_t)counts->files, "directories",
			 (json_int_t)counts->directories, "symlinks", (json_int_t)counts->symlinks, "bytes",
			 (json_int_t)counts->bytes);
}

/* A read, list or archive is answered before the content, any other call at its end. */
static void answer(struct work *work)
{
	if (work->answered)
		return;
	work->answered = true;
	if (work->operation == FILE_UNPACK)
		control_answer(&work->ticket, counts_of(&work->incoming.counts));
	else if (work->incoming.type != '\0')
		control_answer(&work->ticket, facts_of(&work->incoming));
	else
		control_done(&work->ticket);
}

/* JSON cannot carry what is not UTF-8. */
static char *printable(char *path)
{
	json_t *text = json_string(path);

	for (char *at = path; text == NULL && *at != '\0'; at++)
		if (*at & 0x80)
			*at = '?';
	json_decref(text);
	return path;
}

static void refuse(struct work *work, const char *step, int error)
{
	struct file_report *report = &work->incoming;
	bool names_path = report->stage == FILE_STAGE_FAILED && report->target_size > 0;
	char message[2 * FILE_STEP_MAX];

	if (error == 0) {
		control_refuse(&work->ticket, RPC_INVALID_PARAMS, 0, "%s: not in the guest's /etc/passwd or /etc/group", step);
		return;
	}
	snprintf(message, sizeof(message), "%s: %s", step, strerror(error));
	report->target[sizeof(report->target) - 1] = '\0';
	control_refuse_path(&work->ticket, error, names_path ? printable(report->target) : NULL,
			    error == EBADMSG ? step : message);
}

/* The call failed, or its content ended early. */
static void failed(struct work *work, const char *step, int error)
{
	struct stream *stream = work->stream;
	bool broke_off = work->answered;

	if (!broke_off)
		refuse(work, step, error);
	drop(work);
	if (stream != NULL && broke_off)
		forward_reset(stream, RESET_INTERNAL);
	else if (stream != NULL)
		forward_abandon(stream);
}

/* Takes a report; false: the work is gone. */
static bool take(struct work *work)
{
	struct file_report *report = &work->incoming;

	report->step[sizeof(report->step) - 1] = '\0';
	work->got = 0;
	if (report->stage == FILE_STAGE_FAILED) {
		failed(work, report->step, report->error);
		return false;
	}
	answer(work);
	if (report->stage == FILE_STAGE_OPENED)
		return true;
	drop(work); /* the content ends after what is still in the pipe */
	return false;
}

static void report_ready(struct source *source, uint32_t events)
{
	struct work *work = (struct work *)((char *)source - offsetof(struct work, report));

	(void)events;
	for (;;) {
		uint8_t *room = (uint8_t *)&work->incoming + work->got;
		ssize_t got = read(source->fd, room, sizeof(work->incoming) - work->got);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			failed(work, "the worker was killed", EIO);
			return;
		}
		work->got += (size_t)got;
		if (work->got == sizeof(work->incoming) && !take(work))
			return;
	}
}

/* Both sides of the pipes; all -1 at first. The directory among them stays open. */
struct ends {
	struct file_pipes worker;
	int report;
	int data;
	int go;
};

static void close_all(struct ends *ends)
{
	int *all[] = {&ends->worker.report, &ends->worker.data, &ends->worker.go, &ends->report, &ends->data, &ends->go};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		close_if_open(all[i]);
}

static bool open_pipe(int *reader, int *writer)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) != 0)
		return false;
	*reader = pair[0];
	*writer = pair[1];
	return true;
}

static bool open_pipes(struct ends *ends, const struct file_params *params)
{
	bool takes = file_takes_content(params->operation);

	if (!open_pipe(&ends->report, &ends->worker.report) || fcntl(ends->report, F_SETFL, O_NONBLOCK) != 0)
		return false;
	if (params->stream == 0)
		return true;
	if (!(takes ? open_pipe(&ends->worker.data, &ends->data) : open_pipe(&ends->data, &ends->worker.data)))
		return false;
	fcntl(ends->data, F_SETPIPE_SZ, PIPE_SIZE);
	return fcntl(ends->data, F_SETFL, O_NONBLOCK) == 0 && (!takes || open_pipe(&ends->worker.go, &ends->go));
}

static bool open_stream(struct work *work, const struct file_params *params)
{
	enum stream_kind kind = file_takes_content(params->operation) ? STREAM_STDIN : STREAM_OUTPUT;

	if (params->stream == 0)
		return true;
	if (stream_open(params->stream, kind, &work->stream) == NULL)
		return false;
	work->stream->sole = true;
	work->stream->all_came = &work->all_came;
	return true;
}

/* PID 1 keeps a copy of a reader's writing end, so that the content ends only after the worker's last report. */
static void hand_over(struct work *work, struct ends *ends)
{
	work->go = ends->go;
	ends->go = -1;
	if (work->stream != NULL && !file_takes_content(work->operation)) {
		work->held = ends->worker.data;
		ends->worker.data = -1;
	}
	if (work->stream != NULL) {
		int data = ends->data;

		ends->data = -1;
		forward_attach(work->stream, data);
	}
	work->report.fd = ends->report;
	work->report.ready = report_ready;
	ends->report = -1;
	close_all(ends);
	if (loop_watch(&work->report, EPOLLIN) != 0)
		failed(work, "watch", errno);
}

void files_begin(const struct file_params *params, const struct ticket *ticket)
{
	struct ends ends = {{-1, -1, -1, params->image}, -1, -1, -1};
	struct work *work;

	if (count >= FILES_MAX) {
		control_refuse(ticket, RPC_TOO_MANY, 0, "more than %d file calls at a time", FILES_MAX);
		return;
	}
	work = add(params->operation, ticket);
	if (!open_stream(work, params)) {
		control_refuse(ticket, RPC_TOO_MANY, 0, "more than %d streams", STREAMS_MAX);
		drop(work);
		return;
	}
	work->pid = open_pipes(&ends, params) ? fork() : -1;
	if (work->pid == 0)
		file_worker_run(params, &ends.worker);
	if (work->pid < 0) {
		int error = errno;

		close_all(&ends);
		work->pid = 0;
		failed(work, "start a worker", error);
		return;
	}
	hand_over(work, &ends);
}

/*
 * The stream ended before the call. A writer is told whether all content has come, and cleans up if not. The answer is its
 * last report in any case, since its own failure may have ended the stream. A reader is killed.
 */
static void stream_is_over(struct work *work)
{
	if (file_takes_content(work->operation)) {
		if (work->all_came && write(work->go, "", 1) < 0)
			log_line("the writer of a file ended early: %s", strerror(errno));
		close_if_open(&work->go);
		return;
	}
	if (work->pid > 0)
		kill(work->pid, SIGKILL);
	failed(work, "cancelled by the host", ECANCELED);
}

void files_turn(void)
{
	struct work *next;

	for (struct work *work = first; work != NULL; work = next) {
		bool has_content = work->go >= 0 || work->held >= 0;

		next = work->next;
		if (has_content && work->stream == NULL)
			stream_is_over(work);
	}
}

void files_ended(pid_t pid)
{
	for (struct work *work = first; work != NULL; work = work->next)
		if (work->pid == pid)
			work->pid = 0;
}
