/*
 * A cgroup of its own for each process that the host asks for. They are made once and used again, because making one
 * takes longer than all the rest of a spawn. One that was killed is not used again: Linux 6.12 since its kill sequence
 * (cgroup_css_set_fork) kills whatever is later cloned into it. Where there are no cgroups, none is ever taken.
 */
#ifndef AEGIS_CGROUP_H
#define AEGIS_CGROUP_H

#include <stdbool.h>

struct cgroup;

/* Makes the parent of all with its controllers on, and the first few. */
void cgroup_prepare(void);

/* An empty cgroup for a new process, or NULL. */
struct cgroup *cgroup_take(void);
/* Gives it back when it has no member. True: it is given back. NULL counts as empty. */
bool cgroup_give_back(struct cgroup *cgroup);

/* The directory, to clone into; -1 for NULL. */
int cgroup_directory(const struct cgroup *cgroup);
/* Moves the calling process, for kernels that cannot clone into a cgroup. */
void cgroup_join(int directory);
/* Kills every member at once. False: there is no such cgroup. */
bool cgroup_kill(struct cgroup *cgroup);
/* Whether the kernel killed a member for want of memory since the last such question. */
bool cgroup_saw_oom(struct cgroup *cgroup);

#endif
