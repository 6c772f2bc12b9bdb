/* The end: at once, or in good order. */
#ifndef AEGIS_POWER_H
#define AEGIS_POWER_H

#include <stdbool.h>

/* Without this, the end is only the end of this program (tests). */
void power_owns_machine(void);

/* Kills everything, syncs, powers off. */
_Noreturn void power_off_now(const char *reason);

/* SIGTERM to the main process, time for it to end and for its output to leave, then the rest. */
void shutdown_begin(long grace_ms);
/* Called after each round of events. */
void shutdown_turn(void);
/* Milliseconds until shutdown_turn has something to do, -1 for never. */
int shutdown_timeout(void);

#endif
