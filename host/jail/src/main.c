/*
 * Runs a program, QEMU above all, in a jail: with only the files that it needs, as nobody else, in namespaces of its own,
 * without capabilities. Each VM has such a launcher. It stays outside as the program's parent, and ends when it does, with
 * its status; when the launcher ends, the program is killed.
 *
 *     aegis-jail [OPTIONS] -- /PROGRAM [ARGUMENTS]
 *
 * On stdout it says "pid N", by which the host knows the program; "wall NAME yes|no REASON" for each wall that may be
 * missing; "started"; or "error REASON". What the program prints on either stream goes to stderr.
 */
#include "jail.h"

#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

static const unsigned long long NAMESPACES = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET;

/* What launcher and child have in common. */
struct launch {
	struct options options;
	int life[2]; /* the launcher writes a byte when the child may begin, and holds it open as long as it lives */
	int monitor[2];
	int user_namespace; /* that of the program's uid; -1: none */
};

/* Of what it inherited, the launcher knows three descriptors. Those that the program is to find stay free until then. */
static void set_descriptors(void)
{
	close_range(3, ~0U, 0);
	for (int fd = -1; fd < SHARE_FD;) {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			fail("cannot open /dev/null: %m");
	}
}

static void hand_over(int descriptor, int as)
{
	if (dup2(descriptor, as) < 0)
		fail("cannot hand over a descriptor: %m");
}

/* Whether the launcher ends before the kernel is asked to tell of it, or after. */
static void die_with_launcher(const struct launch *launch)
{
	struct pollfd gone = {.fd = launch->life[0]};
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || poll(&gone, 1, 0) != 0)
		_exit(NOT_STARTED);
}

static void enter_jail(struct launch *launch)
{
	struct options *options = &launch->options;
	bool own_user = options->namespaces && build_room(options, launch->user_namespace);
	if (options->namespaces)
		say("wall namespaces yes");
	else if (options->share.source != NULL)
		open_share(&options->share);
	if (own_user) {
		become(launch->user_namespace);
		say("wall uid yes");
	}
	limit(own_user || (options->namespaces && geteuid() != 0));
	no_new_privileges();
	drop_capabilities();
	restrict_files(options);
}

/* The child. */
static _Noreturn void become_program(struct launch *launch)
{
	const struct options *options = &launch->options;
	char byte;
	close(launch->life[1]);
	if (read(launch->life[0], &byte, 1) != 1)
		_exit(NOT_STARTED);
	enter_jail(launch);
	if (options->walls)
		_exit(0);
	if (!options->input)
		hand_over(SHARE_FD - 1, STDIN_FILENO);
	if (options->files)
		hand_over(launch->monitor[1], FILES_FD);
	if (options->share.source != NULL)
		hand_over(options->share.tree, SHARE_FD);
	restrict_calls();
	die_with_launcher(launch);
	say("started");
	execv(options->command[0], options->command);
	fail("cannot run %s: %m", options->command[0]);
}

/* The launcher: obeys until the program ends. */
static int attend(int program, int monitor)
{
	struct pollfd events[] = {{.fd = program, .events = POLLIN}, {.fd = monitor < 0 ? -1 : STDIN_FILENO, .events = POLLIN}};
	while (poll(events, 2, -1) < 0 || events[0].revents == 0) {
		if (events[1].revents != 0 && !serve_commands(monitor)) {
			close(monitor);
			events[1].fd = -1;
		}
	}
	siginfo_t ended;
	if (waitid(P_PIDFD, (id_t)program, &ended, WEXITED) != 0)
		fail("cannot tell how the program ended: %m");
	return ended.si_code == CLD_EXITED ? ended.si_status : 128 + ended.si_status;
}

/* A launcher of root's makes the program's user. Where it cannot, the program is root without capabilities. */
static int own_user(const struct options *options)
{
	if (geteuid() != 0)
		return -1;
	if (options->uid == 0 || !options->namespaces) {
		say("wall uid no %s", options->namespaces ? "none is to be had" : "there are no namespaces");
		return -1;
	}
	int namespace = make_user_namespace(options->uid);
	if (namespace < 0)
		say("wall uid no user namespaces are forbidden");
	return namespace;
}

static int run(struct launch *launch)
{
	const struct options *options = &launch->options;
	launch->user_namespace = own_user(options);
	if (pipe2(launch->life, O_CLOEXEC) != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, launch->monitor) != 0)
		fail("cannot make a pipe: %m");
	bool user = options->namespaces && geteuid() != 0;
	int program;
	pid_t child = fork_into((options->namespaces ? NAMESPACES : 0) | (user ? CLONE_NEWUSER : 0), &program);
	if (child < 0)
		fail("cannot make namespaces: %m");
	if (child == 0)
		become_program(launch);
	if (user)
		map_own_user(child);
	say("pid %d", (int)child);
	close(launch->monitor[1]);
	if (write(launch->life[1], "", 1) != 1)
		fail("cannot let the child begin: %m");
	return attend(program, options->files ? launch->monitor[0] : -1);
}

/* For a program that has walls of its own, such as passt. */
static _Noreturn void become_plain(const struct options *options)
{
	limit(false);
	no_new_privileges();
	execv(options->command[0], options->command);
	fail("cannot run %s: %m", options->command[0]);
}

int main(int argc, char **argv)
{
	struct launch launch;
	parse_options(&launch.options, argc, argv);
	setsid(); /* Ctrl+C in the daemon's terminal is not for VMs. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* Whatever the program starts is known by us, its ancestor. */
	if (launch.options.plain)
		become_plain(&launch.options);
	set_descriptors();
	open_report();
	signal(SIGPIPE, SIG_IGN);
	return run(&launch);
}
