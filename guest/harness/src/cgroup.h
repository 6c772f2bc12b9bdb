/* A cgroup of its own for each process that the host asks for; everything here works, or is quietly absent. */
#ifndef AEGIS_CGROUP_H
#define AEGIS_CGROUP_H

#include <stdbool.h>

/* Makes the parent of all, with its controllers on. Without it there are no cgroups at all. */
void cgroup_prepare(void);

/* A new cgroup; the result is a descriptor of its directory, or -1. */
int cgroup_create(const char *exec_id);
/* Moves the calling process, for kernels that cannot clone into a cgroup. */
void cgroup_join(int directory);
/* Kills every member at once. False: there is no such cgroup. */
bool cgroup_kill(const char *exec_id);
/* Removes it when it has no member. True: it is gone, or never was. */
bool cgroup_remove(const char *exec_id);
/* Whether the kernel killed a member for want of memory. */
bool cgroup_saw_oom(const char *exec_id);

#endif
