/* Starting a child, as fast as the kernel can. */
#ifndef AEGIS_CLONE_H
#define AEGIS_CLONE_H

#include <sys/types.h>

/*
 * Starts a child that runs `run(argument)`, which must not return. `cgroup` is the directory of its cgroup, or -1. Where
 * possible, it works like vfork: the child shares our memory, and we wait until it has called execve or ended. Returns -1
 * with errno on failure, which the cgroup can cause (EBUSY).
 */
pid_t clone_child(void (*run)(void *argument), void *argument, int cgroup);

#endif
