/* A directory of the host in the guest: 9p over a virtio device, which the host attaches to every VM. */
#ifndef AEGIS_SHARE_H
#define AEGIS_SHARE_H

#include <stdbool.h>

/* Mounts the device with that tag at an absolute path, which is made if it is missing. 0, or an errno. */
int share_mount(const char *tag, const char *path, bool read_only);

/* Hands what is written to files below the path to the host, and has the host put it on its disk. 0, or an errno. */
int share_sync(const char *path);

#endif
