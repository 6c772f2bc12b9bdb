/* The worker: becomes the user, carries out the operation, and reports how it went. */
#include "file/worker.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <unistd.h>

#include "file/archive.h"
#include "file/content.h"
#include "file/tree.h"
#include "file/unpack.h"
#include "process/users.h"

static void (*const operations[])(const struct file_params *) = {
	[FILE_READ] = file_read,
	[FILE_WRITE] = file_write,
	[FILE_LIST] = file_list,
	[FILE_STAT] = file_stat,
	[FILE_MKDIR] = file_mkdir,
	[FILE_RENAME] = file_rename,
	[FILE_REMOVE] = file_remove,
	[FILE_ARCHIVE] = file_archive,
	[FILE_PACK] = file_pack,
	[FILE_UNPACK] = file_unpack,
};

static void become(const char *wanted)
{
	struct user user;

	if (wanted == NULL)
		return;
	if (!users_look_up(wanted, &user)) {
		errno = 0;
		pipes_fail("user");
	}
	if (!users_become(&user))
		pipes_fail("user");
}

/* A batch process does not preempt PID 1, which then fills the pipe before we run: fewer switches of the address space. */
static void run_in_batches(void)
{
	const struct sched_param none = {0};

	sched_setscheduler(0, SCHED_BATCH, &none); /* A failure only costs speed. */
}

/* Makes one of the two that the root is an overlay of the root of this process. */
static bool enter(const struct file_params *params)
{
	bool own = params->part == FILE_PART_OWN;

	return params->part == FILE_PART_ALL ||
	       (fchdir(own ? params->disk : params->image) == 0 && (!own || chdir("upper") == 0) && chroot(".") == 0);
}

_Noreturn void file_worker_run(const struct file_params *params, const struct file_pipes *pipes)
{
	bool entered = enter(params);
	int error = errno;

	pipes_take(pipes);
	errno = error;
	if (!entered)
		pipes_fail("layer");
	run_in_batches();
	umask(0);
	become(params->user);
	operations[params->operation](params);
	pipes_done();
}
