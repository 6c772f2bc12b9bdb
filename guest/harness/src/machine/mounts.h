/* The file systems of the guest. */
#ifndef AEGIS_MOUNTS_H
#define AEGIS_MOUNTS_H

#include <stdbool.h>

/* What PID 1 itself needs in the initramfs: /proc, /sys, /dev. */
void mounts_first(void);

/*
 * The guest's root: EROFS `root` below, ext4 `disk` above, and all that a program expects in it; then it becomes the
 * root of the harness. 0, or an errno, and *step names what failed.
 */
int mounts_enter_root(const char *root, const char *disk, const char **step);
bool mounts_are_done(void);
/* In tests: the root is the machine's own, nothing is mounted. */
void mounts_skip(void);

/* Drops what the kernel keeps of block devices, whose content changes before the next host comes. */
void mounts_drop_device_caches(void);
/* Leaves the disk clean, as the last thing. */
void mounts_make_readonly(void);

#endif
