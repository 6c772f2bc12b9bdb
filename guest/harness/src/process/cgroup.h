/*
 * A cgroup for each process that the host asks for. They are used again, because creating one takes longer than all the
 * rest of a spawn. One that was killed is not used again: Linux kills whatever is later cloned into it, since it has a
 * kill sequence (cgroup_css_set_fork, seen in 6.12). Where there are no cgroups, cgroup_take returns NULL.
 */
#ifndef AEGIS_CGROUP_H
#define AEGIS_CGROUP_H

#include <stdbool.h>

struct cgroup;

/* Creates their parent with its controllers enabled, and the first few. */
void cgroup_prepare(void);

/* An empty cgroup for a new process, or NULL. */
struct cgroup *cgroup_take(void);
/* Gives a cgroup back if it has no members. True: that is done. NULL counts as empty. */
bool cgroup_give_back(struct cgroup *cgroup);

/* The directory to clone into; -1 for NULL. */
int cgroup_directory(const struct cgroup *cgroup);
/* Whether it is the one of this number below /aegis; NULL is none. */
bool cgroup_is_named(const struct cgroup *cgroup, unsigned int number);
/* Moves the calling process, for kernels that cannot clone into a cgroup. */
void cgroup_join(int directory);
/* Kills all members. False: there is no cgroup. */
bool cgroup_kill(struct cgroup *cgroup);
/* Stops all processes that the host asked for, with what they started, or lets them go on. */
void cgroup_freeze_all(bool frozen);
/* Whether the kernel killed a member for lack of memory since the last call. */
bool cgroup_saw_oom(struct cgroup *cgroup);

#endif
