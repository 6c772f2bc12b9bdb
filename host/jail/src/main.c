/*
 * Runs a program, a hypervisor above all, in a jail: with only the files that it needs, as a user of its own, in namespaces of its own,
 * without capabilities. Each VM has such a launcher. It stays outside as the program's parent, and ends when it does, with
 * its status; when the launcher ends, the program is killed. So it is a while after the daemon has ended, however that came.
 *
 *     aegis-jail [OPTIONS] -- /PROGRAM [ARGUMENTS]
 *
 * On stdout it says "pid N", by which the host knows the program; "wall NAME yes|no REASON" for each wall that may be
 * missing; "started"; or "error REASON". What the program prints on either stream goes to stderr.
 */
#include "jail.h"

#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

static const unsigned long NAMESPACES = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET;

/* How long the program may take to end by itself when the daemon has, and how long to take a file; then it is killed. */
enum { SECONDS_WITHOUT_DAEMON = 10, SECONDS_FOR_FILE = 60 };

/*
 * A third of the weight of other programs (sched(7)): many VMs that compute leave the daemon the CPU time that each of
 * them needs of it.
 */
enum { NICE = 5, RETRY_MS = 100 };

/* What launcher and child have in common. */
static struct options options;
static int life[2]; /* the launcher writes a byte when the child may begin, and holds it open as long as it lives */
static int files[2]; /* our end of the socket by which files come, and the program's */
static int user_namespace; /* that of the program's uid; -1: none */

static _Noreturn void execute(void)
{
	execv(options.command[0], options.command);
	fail("cannot run %s: %m", options.command[0]);
}

static void enter_jail(void)
{
	bool own_user = options.namespaces && build_room(&options, user_namespace);
	if (!options.namespaces && options.share != NULL)
		open_share(options.share);
	if (own_user)
		become(user_namespace);
	renounce(own_user || (options.namespaces && geteuid() != 0), options.file_bytes);
	drop_capabilities();
	restrict_files(&options);
}

/* The child. */
static _Noreturn void become_program(void)
{
	struct pollfd launcher = {.fd = life[0]};
	char byte;
	close(life[1]);
	if (read(life[0], &byte, 1) != 1)
		_exit(NOT_STARTED);
	enter_jail();
	if (options.command[0] == NULL)
		_exit(0);
	/* Where the socket is to be, /dev/null is open. */
	must((!options.files || (dup2(FILES_FD, STDIN_FILENO) >= 0 && dup2(files[1], FILES_FD) >= 0))
		&& (options.share == NULL || dup2(options.share->tree, SHARE_FD) >= 0), "cannot hand over a descriptor: %m");
	/* The launcher may end before the kernel is asked to tell of it, or after. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || poll(&launcher, 1, 0) != 0)
		_exit(NOT_STARTED);
	restrict_calls();
	say("started");
	execute();
}

/*
 * Where the kernel weighs sessions and not processes, this is a session of its own. It lets users make one such change in
 * 100 ms, all of them together; false: it was not our turn.
 */
static bool lower_session(void)
{
	int session = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
	if (session < 0)
		return true;
	bool done = dprintf(session, "%d", NICE) > 0 || errno != EAGAIN;
	close(session);
	return done;
}

static void obey(struct pollfd *commands)
{
	alarm(SECONDS_FOR_FILE);
	if (!serve_command(files[0])) {
		close(files[0]);
		commands->fd = -1;
	}
	alarm(0);
}

/*
 * The launcher: obeys until the program ends. The daemon alone has the other end of the report, which is closed when it has
 * ended, however that came. An alarm then ends the launcher, and with it the program, also one that stands still.
 */
static int attend(int program, int report)
{
	struct pollfd events[] = {{program, POLLIN, 0}, {options.files ? STDIN_FILENO : -1, POLLIN, 0}, {report, 0, 0}};
	bool lowered = false;
	setvbuf(stdin, NULL, _IONBF, 0); /* Else poll would not know of lines that were read. */
	while (events[0].revents == 0) {
		lowered = lowered || lower_session();
		if (poll(events, 3, lowered ? -1 : RETRY_MS) <= 0)
			continue;
		if (events[2].revents != 0) {
			events[1].fd = events[2].fd = -1;
			alarm(SECONDS_WITHOUT_DAEMON);
		} else if (events[1].revents != 0) {
			obey(&events[1]);
		}
	}
	siginfo_t ended;
	must(waitid(P_PIDFD, (id_t)program, &ended, WEXITED) == 0, "cannot read the program's exit status: %m");
	return ended.si_code == CLD_EXITED ? ended.si_status : 128 + ended.si_status;
}

/* A launcher of root's makes the program's user. Where it cannot, the program is root without capabilities. */
static int own_user(void)
{
	int namespace = options.namespaces && options.uid != 0 ? make_user_namespace(options.uid) : -1;
	if (namespace < 0)
		say("wall uid no %s", !options.namespaces ? "the host allows no namespaces"
			: options.uid == 0 ? "no free uid is available" : "user namespaces are not allowed");
	return namespace;
}

int main(int argc, char **argv)
{
	parse_options(&options, argc, argv);
	setsid(); /* Ctrl+C in the daemon's terminal is not for VMs. */
	setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + NICE);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* Whatever the program starts is known by us, its ancestor. */
	if (options.plain) { /* The program has walls of its own, as the helper of a network has. */
		renounce(false, RLIM_INFINITY);
		execute();
	}
	int report = open_report();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, SIG_DFL);
	signal(SIGXFSZ, SIG_IGN); /* The program inherits that: too large a file is an error to it, and not its end. */
	bool root = geteuid() == 0;
	user_namespace = root ? own_user() : -1;
	must(pipe2(life, O_CLOEXEC) == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, files) == 0,
		"cannot make a pipe: %m");
	int program;
	bool user = options.namespaces && !root;
	/* As fork(2), and not by clone3(2), which containers do not have. */
	unsigned long how = CLONE_PIDFD | SIGCHLD | (options.namespaces ? NAMESPACES : 0) | (user ? CLONE_NEWUSER : 0);
	pid_t child = (pid_t)syscall(SYS_clone, how, NULL, &program, NULL, NULL);
	must(child >= 0, "cannot make %s: %m", options.namespaces ? "namespaces" : "a process");
	if (child == 0)
		become_program();
	if (user)
		map_own_user(child);
	say("pid %d", (int)child);
	close(files[1]);
	must(write(life[1], "", 1) == 1, "cannot start the child process: %m");
	return attend(program, report);
}
