/* A directory of the host in the guest: 9p over a virtio device that every VM has. */
#ifndef AEGIS_SHARE_H
#define AEGIS_SHARE_H

#include <stdbool.h>

/* Mounts the device with that tag at an absolute path, and creates the directory if needed. 0, or an errno. */
int share_mount(const char *tag, const char *path, bool read_only);

/* Writes changed files below the path to the host, and has the host write them to its disk. 0, or an errno. */
int share_sync(const char *path);

#endif
