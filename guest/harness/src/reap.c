/* Reaping: one SIGCHLD may stand for many ends, so it goes on until there is none left. */
#include "reap.h"

#include <sys/wait.h>

#include "files.h"
#include "process.h"

void reap_children(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		process_ended(pid, status);
		files_ended(pid);
	}
}
