/*
 * Signals for a JVM that leaves them alone (-Xrs). Each that it wants to hear becomes a byte in a pipe, which a thread of
 * its own reads. Until then, and for all others, the kernel does what it does for any program: Ctrl+C ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* The native methods of host/SignalHandlers; the first two arguments are the JVM's. */
int Java_dev_aegisvm_host_SignalHandlers_pipe(void *env, void *owner);
int Java_dev_aegisvm_host_SignalHandlers_hear(void *env, void *owner, int signal);
void Java_dev_aegisvm_host_SignalHandlers_tell(void *env, void *owner, int signal);

static int ends[2] = {-1, -1};

/* Calls what signal-safety(7) allows, and nothing else. A pipe that is full has told enough. */
static void tell(int signal)
{
	unsigned char number = (unsigned char)signal;
	int before = errno;

	if (write(ends[1], &number, 1) < 0)
		errno = before;
}

/* Makes the pipe; gives the end to read from, or -1. */
int Java_dev_aegisvm_host_SignalHandlers_pipe(void *env, void *owner)
{
	(void)env;
	(void)owner;
	return pipe2(ends, O_CLOEXEC) == 0 && fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0 ? ends[0] : -1;
}

/* Tells of a signal from now on; not of one that is ignored, as SIGHUP is under nohup. */
int Java_dev_aegisvm_host_SignalHandlers_hear(void *env, void *owner, int signal)
{
	struct sigaction action;

	(void)env;
	(void)owner;
	if (sigaction(signal, NULL, &action) != 0 || action.sa_handler == SIG_IGN)
		return -1;
	sigemptyset(&action.sa_mask);
	action.sa_flags = SA_RESTART;
	action.sa_handler = tell;
	return sigaction(signal, &action, NULL);
}

/* Writes a number into the pipe as if it were a signal: 0 ends the thread that reads. */
void Java_dev_aegisvm_host_SignalHandlers_tell(void *env, void *owner, int signal)
{
	(void)env;
	(void)owner;
	tell(signal);
}
