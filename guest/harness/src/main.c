/*
 * aegis-harness: PID 1 of every VM. This file is the table of contents.
 *
 *   base/     log, buffers, the event loop
 *   channel/  the port to the host: frames, streams, requests (guest/protocol/PROTOCOL.md)
 *   net/      the network interfaces, connections to ports of the guest, and those of its programs to the gateway
 *   process/  starting and ending processes, each in its cgroup, as a user
 *   file/     file calls, each in a worker process
 *   machine/  boot, mounts, identity, power
 *   calls/    the methods that the host can call
 *
 * A folder uses itself and those above it in this list; tests/check-layers checks that.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "calls/calls.h"
#include "calls/machine.h"
#include "channel/control.h"
#include "channel/port.h"
#include "channel/session.h"
#include "file/files.h"
#include "machine/boot.h"
#include "machine/mounts.h"
#include "machine/power.h"
#include "net/gateway.h"
#include "net/net.h"
#include "net/requests.h"
#include "process/cgroup.h"
#include "process/process.h"

enum { GRACE_MS = 5000 };

/* PID 1 is the parent of every orphan. One SIGCHLD can stand for many children. */
static void reap_children(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		process_ended(pid, status);
		files_ended(pid);
	}
}

static void signalled(int number)
{
	if (number == SIGCHLD)
		reap_children();
	else
		shutdown_begin(GRACE_MS);
}

static bool turn(void)
{
	bool more = port_turn();

	more |= requests_turn();
	files_turn();
	process_sweep();
	shutdown_turn();
	return more;
}

static const struct loop_work work = {.turn = turn, .timeout = shutdown_timeout, .signalled = signalled};

/* As PID 1 of a VM. */
static int boot_machine(void)
{
	mounts_first();
	log_to_kernel();
	boot_raise_limits();
	boot_load_modules();
	net_set_link("lo", true);
	net_set_kernel("ipv4/ip_unprivileged_port_start", "0"); /* images whose user is not root listen on port 80 */
	gateway_open(); /* here, so that a restored VM has it */
	power_owns_machine();
	return boot_open_port();
}

/* As a plain program in a test: changes nothing of the machine. */
static int join_test(const char *channel_fd)
{
	mounts_skip();
	calls_leave_machine_alone(getenv("AEGIS_TEST_NETWORK") != NULL);
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
		fprintf(stderr, "aegis-harness runs as PID 1 of a VM. For tests: aegis-harness --channel-fd N --no-mounts\n");
		return 64;
	}
	loop_block_signals();
	boot_standard_streams();
	if (loop_open(&work) != 0)
		power_off_now("cannot set up the event loop");
	channel = test ? join_test(argv[2]) : boot_machine();
	if (channel < 0)
		power_off_now("there is no port aegis.channel");
	control_serve(calls_dispatch);
	session_when_over(power_off_now);
	session_when_ended(requests_drop);
	if (port_open(channel, !test) != 0)
		power_off_now("cannot watch the port aegis.channel");
	log_line("waiting for the host");
	loop_run();
}
