/* A rehearsal: does once in advance what every start of an instance does. */
#ifndef AEGIS_REHEARSE_H
#define AEGIS_REHEARSE_H

enum { REHEARSAL_STEP_MAX = 32 };

/*
 * Mounts the root from both devices, runs a few programs in it, and undoes it all. Blocks meanwhile: the machine has
 * nothing else to do yet. 0, or an errno, and `step` (REHEARSAL_STEP_MAX bytes) names what failed.
 */
int rehearse(const char *root, const char *disk, char *step);

#endif
