/* Power off, at once or as a shutdown. */
#ifndef AEGIS_POWER_H
#define AEGIS_POWER_H

#include <stdbool.h>

/* Without this, as in tests, only this program ends. */
void power_owns_machine(void);

/* Kills everything, syncs, powers off. */
_Noreturn void power_off_now(const char *reason);

/* SIGTERM to the main process, then time for it to end and for its output to be sent, then power off. */
void shutdown_begin(long grace_ms);
/* Called after each round of events. */
void shutdown_turn(void);
/* Milliseconds until shutdown_turn has something to do, -1 for never. */
int shutdown_timeout(void);

#endif
