/* The end of the machine: kills all processes, leaves the disks clean, powers off. */
#include "machine/power.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "channel/outbox.h"
#include "channel/stream.h"
#include "machine/mounts.h"
#include "process/process.h"

enum { SYNC_SECONDS_WITHOUT_HOST = 2, REAP_TRIES = 200, REAP_PAUSE_NS = 5000000, DRAIN_MS = 500 };

static enum { RUNNING, TERMINATING, DRAINING } phase;
static long long deadline;
static bool owns_machine;

void power_owns_machine(void)
{
	owns_machine = true;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Waits a moment for killed processes, which keep files open. */
static void reap_killed(void)
{
	struct timespec pause = {.tv_nsec = REAP_PAUSE_NS};

	for (int i = 0; i < REAP_TRIES; i++) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0)
			return;
		if (pid == 0)
			nanosleep(&pause, NULL);
	}
}

/* A disk that does not complete its writes must not keep a VM alive that no host watches. */
static void set_deadline(void)
{
	if (fork() != 0)
		return;
	sleep(SYNC_SECONDS_WITHOUT_HOST);
	reboot(RB_POWER_OFF);
	_exit(1);
}

static _Noreturn void end_machine(bool watched)
{
	process_kill_all();
	if (!owns_machine)
		exit(0);
	reap_killed();
	if (!watched)
		set_deadline();
	sync();
	mounts_make_readonly();
	reboot(RB_POWER_OFF);
	log_line("the machine does not power off; restarting it");
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

_Noreturn void power_off_now(const char *reason)
{
	log_line("power off: %s", reason);
	end_machine(false);
}

void shutdown_begin(long grace_ms)
{
	struct process *main_process = process_find(MAIN_EXEC_ID);

	if (phase != RUNNING)
		return;
	log_line("shutdown");
	phase = TERMINATING;
	deadline = now_ms() + grace_ms;
	if (main_process != NULL && main_process->pid > 0)
		kill(main_process->pid, SIGTERM);
}

static bool main_lives(void)
{
	struct process *main_process = process_find(MAIN_EXEC_ID);

	return main_process != NULL && main_process->pid > 0;
}

void shutdown_turn(void)
{
	if (phase == RUNNING)
		return;
	if (phase == TERMINATING) {
		if (main_lives() && now_ms() < deadline)
			return;
		phase = DRAINING;
		deadline = now_ms() + DRAIN_MS;
		process_kill_all();
	}
	if ((process_count() == 0 && outbox_is_empty() && !stream_any_ready()) || now_ms() >= deadline)
		end_machine(true);
}

int shutdown_timeout(void)
{
	long long left;

	if (phase == RUNNING)
		return -1;
	left = deadline - now_ms();
	return left > 0 ? (int)left : 0;
}
