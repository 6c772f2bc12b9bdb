/* Reaping: PID 1 is the parent of every orphan. */
#ifndef AEGIS_REAP_H
#define AEGIS_REAP_H

/* Reaps all children that have ended. */
void reap_children(void);

#endif
