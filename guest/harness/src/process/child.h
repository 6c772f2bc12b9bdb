/* The child between clone and execve. */
#ifndef AEGIS_CHILD_H
#define AEGIS_CHILD_H

#include <stdbool.h>

#include "process/users.h"

/* Everything that the child needs. The parent prepares it, since the child only makes system calls. */
struct child_plan {
	char **command;
	char **environment;
	const char *cwd; /* NULL: / */
	const struct user *user; /* NULL: root, like the harness */
	int standard[3]; /* become stdin, stdout, stderr */
	bool terminal;
	int join_cgroup; /* -1: it is in it already */
	int report; /* a failure is written here; closed by execve */
};

enum child_step { CHILD_STANDARD, CHILD_TERMINAL, CHILD_DIRECTORY, CHILD_USER, CHILD_EXEC };

struct child_failure {
	enum child_step step;
	int error_number;
};

const char *child_step_name(enum child_step step);
/* Never returns. `plan` is a struct child_plan. The memory may be shared with the parent. */
void child_run(void *plan);

#endif
