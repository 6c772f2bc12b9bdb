/* The child between clone and execve. */
#ifndef AEGIS_CHILD_H
#define AEGIS_CHILD_H

#include <stdbool.h>

#include "process/users.h"

/* All that the child needs; made by the parent, since the child only makes system calls. */
struct child_plan {
	char **command;
	char **environment;
	const char *cwd; /* NULL: / */
	const struct user *user; /* NULL: root, as the harness */
	int standard[3]; /* what becomes stdin, stdout, stderr */
	bool terminal;
	int join_cgroup; /* -1: it is there already */
	int report; /* where a failure is told, closed by execve */
};

enum child_step { CHILD_STANDARD, CHILD_TERMINAL, CHILD_DIRECTORY, CHILD_USER, CHILD_EXEC };

struct child_failure {
	enum child_step step;
	int error_number;
};

const char *child_step_name(enum child_step step);
/* Never returns. `plan` is a struct child_plan; the memory may be the parent's own. */
void child_run(void *plan);

#endif
