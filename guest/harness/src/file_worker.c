/* The worker: takes its place, becomes the user, does the one thing, says how it went. */
#include "file_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "users.h"

enum { REPORT = 3, DATA, GO, ABOVE, OUT_OF_THE_WAY = 64 };

static int unfinished_directory = -1;
static const char *unfinished;

static void (*const operations[])(const struct file_params *) = {
	[FILE_READ] = file_read,
	[FILE_WRITE] = file_write,
	[FILE_LIST] = file_list,
	[FILE_STAT] = file_stat,
	[FILE_MKDIR] = file_mkdir,
	[FILE_RENAME] = file_rename,
	[FILE_REMOVE] = file_remove,
	[FILE_SYMLINK] = file_symlink,
};

static bool write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t put = write(fd, at, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		size -= (size_t)put;
	}
	return true;
}

/* Says the last word, and ends. */
static _Noreturn void report(const struct file_report *last)
{
	_exit(write_all(REPORT, last, sizeof(*last)) ? 0 : 1);
}

_Noreturn void file_worker_fail(const char *step)
{
	struct file_report failure = {.stage = FILE_STAGE_FAILED, .error = errno};

	strncpy(failure.step, step, sizeof(failure.step) - 1);
	if (unfinished != NULL)
		unlinkat(unfinished_directory, unfinished, 0);
	report(&failure);
}

_Noreturn void file_worker_done(void)
{
	struct file_report done = {.stage = FILE_STAGE_DONE};

	report(&done);
}

void file_worker_tell(enum file_stage stage, const struct stat *status, const char *target, size_t target_size)
{
	struct file_report facts = {
		.stage = stage,
		.type = file_type(status),
		.mode = status->st_mode & 07777,
		.uid = status->st_uid,
		.gid = status->st_gid,
		.size = (uint64_t)status->st_size,
		.mtime_ns = file_mtime_ns(status),
	};

	if (target != NULL && target_size <= sizeof(facts.target)) {
		facts.target_size = (uint32_t)target_size;
		memcpy(facts.target, target, target_size);
	}
	if (stage == FILE_STAGE_DONE)
		report(&facts);
	if (!write_all(REPORT, &facts, sizeof(facts)))
		_exit(1);
}

void file_worker_unfinished(int directory, const char *name)
{
	unfinished_directory = directory;
	unfinished = name;
}

void file_worker_send(const void *bytes, size_t size)
{
	if (!write_all(DATA, bytes, size))
		_exit(1);
}

size_t file_worker_receive(void *bytes, size_t room)
{
	char go;
	ssize_t got;

	do {
		got = read(DATA, bytes, room);
	} while (got < 0 && errno == EINTR);
	if (got > 0)
		return (size_t)got;
	errno = ECANCELED;
	if (got < 0 || read(GO, &go, 1) != 1)
		file_worker_fail("write");
	return 0;
}

ssize_t file_worker_send_from(int fd, size_t most)
{
	ssize_t sent;

	do {
		sent = splice(fd, NULL, DATA, NULL, most, SPLICE_F_MORE);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0 && errno == EPIPE)
		_exit(1);
	return sent;
}

/* The pipes get fixed numbers; whatever else PID 1 had open is closed. */
static void take_pipes(const struct file_pipes *pipes)
{
	const int given[] = {pipes->report, pipes->data, pipes->go};
	int moved[3];

	for (int i = 0; i < 3; i++)
		moved[i] = given[i] < 0 ? -1 : fcntl(given[i], F_DUPFD, OUT_OF_THE_WAY);
	for (int i = 0; i < 3; i++) {
		if (moved[i] >= 0)
			dup2(moved[i], REPORT + i);
		else
			close(REPORT + i);
	}
	syscall(SYS_close_range, ABOVE, ~0U, 0);
}

static void become(const char *wanted)
{
	struct user user;

	if (wanted == NULL)
		return;
	errno = 0;
	if (!users_look_up(wanted, &user)) {
		errno = 0;
		file_worker_fail("user");
	}
	if (!users_become(&user))
		file_worker_fail("user");
}

/* PID 1 fills the pipe before we run, instead of being interrupted for each piece: fewer changes of the address space. */
static void run_in_batches(void)
{
	const struct sched_param none = {0};

	sched_setscheduler(0, SCHED_BATCH, &none); /* Without it, it is only slower. */
}

_Noreturn void file_worker_run(const struct file_params *params, const struct file_pipes *pipes)
{
	take_pipes(pipes);
	run_in_batches();
	umask(0);
	become(params->user);
	operations[params->operation](params);
	file_worker_done();
}
