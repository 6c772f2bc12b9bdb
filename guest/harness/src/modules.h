/* Kernel modules from the initramfs. */
#ifndef AEGIS_MODULES_H
#define AEGIS_MODULES_H

/* Loads what /modules/order lists, in that order, and removes the files, which are memory. */
void modules_load(void);

#endif
