/* aegis-harness: PID 1 of every VM. This file is the table of contents; each line is a file of the same name. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "boot.h"
#include "calls.h"
#include "cgroup.h"
#include "channel.h"
#include "files.h"
#include "log.h"
#include "loop.h"
#include "modules.h"
#include "mounts.h"
#include "net.h"
#include "power.h"
#include "process.h"
#include "reap.h"

enum { GRACE_MS = 5000 };

static void signalled(int number)
{
	if (number == SIGCHLD)
		reap_children();
	else
		shutdown_begin(GRACE_MS);
}

static bool turn(void)
{
	bool more = channel_turn();

	files_turn();
	process_sweep();
	shutdown_turn();
	return more;
}

static const struct loop_work work = {.turn = turn, .timeout = shutdown_timeout, .signalled = signalled};

/* As PID 1 of a VM: everything is ours. */
static int boot_machine(void)
{
	mounts_first();
	log_to_kernel();
	boot_raise_limits();
	modules_load();
	net_link_up("lo");
	net_link_up("eth0"); /* here, so that a restored VM need not */
	power_owns_machine();
	return boot_open_port();
}

/* As a plain program in a test: nothing of the machine is touched. */
static int join_test(const char *channel_fd)
{
	mounts_skip();
	calls_leave_machine_alone();
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (getenv("AEGIS_TEST_CGROUPS") != NULL)
		cgroup_prepare();
	return atoi(channel_fd);
}

int main(int argc, char **argv)
{
	bool test = argc == 4 && strcmp(argv[1], "--channel-fd") == 0 && strcmp(argv[3], "--no-mounts") == 0;
	int channel;

	if (!test && getpid() != 1) {
		fprintf(stderr, "aegis-harness is PID 1 of a VM; for tests: --channel-fd N --no-mounts\n");
		return 64;
	}
	loop_block_signals();
	boot_standard_streams();
	channel = test ? join_test(argv[2]) : boot_machine();
	if (channel < 0)
		power_off_now("there is no port aegis.channel");
	if (loop_open(&work) != 0 || channel_open(channel, !test) != 0)
		power_off_now("the event loop does not open");
	log_line("waiting for the host");
	loop_run();
}
