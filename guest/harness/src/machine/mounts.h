/* The file systems of the guest. */
#ifndef AEGIS_MOUNTS_H
#define AEGIS_MOUNTS_H

#include <stdbool.h>

/* What PID 1 itself needs in the initramfs: /proc, /sys, /dev. */
void mounts_first(void);

/*
 * Mounts the guest's root (an overlay of the EROFS `root` and the ext4 `disk`) with everything that programs expect in
 * it, and makes it the root of the harness. 0, or an errno, and *step names what failed.
 */
int mounts_enter_root(const char *root, const char *disk, const char **step);
bool mounts_are_done(void);
/* Descriptors of the root directories of both, which are not seen any more; -1 for none. */
int mounts_image(void);
int mounts_disk(void);
/* In tests: mounts nothing and keeps the root of the machine. */
void mounts_skip(void);

/* Drops what the kernel has cached of the block devices: their content changes before the next host comes. */
void mounts_drop_device_caches(void);
/* Leaves the disk clean. Comes last. */
void mounts_make_readonly(void);

#endif
