/* The clone of a spawn. */
#ifndef AEGIS_CLONE_H
#define AEGIS_CLONE_H

#include <sys/types.h>

/*
 * Starts a child that runs `run(argument)`, which must not return, inside the cgroup of that directory when it is not
 * -1. Like vfork where that is possible: the child shares our memory and we wait until it has called execve or ended.
 * -1 with errno when it fails; EBUSY and the like may be the cgroup's fault.
 */
pid_t clone_child(void (*run)(void *argument), void *argument, int cgroup);

#endif
