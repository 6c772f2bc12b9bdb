/* The first steps of PID 1, up to the open port. */
#ifndef AEGIS_BOOT_H
#define AEGIS_BOOT_H

/* Makes sure that 0, 1 and 2 are open, so that no other descriptor gets one of these numbers. */
void boot_standard_streams(void);
/* PID 1 holds the pipes of every process. */
void boot_raise_limits(void);
/* Loads the kernel modules that /modules/order lists, in that order, and removes the files, which take up memory. */
void boot_load_modules(void);
/* Waits for the channel's port to appear and opens it; -1 when it does not. */
int boot_open_port(void);

#endif
