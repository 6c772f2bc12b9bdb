/* The event loop: one epoll, one signalfd, no polling. */
#ifndef AEGIS_LOOP_H
#define AEGIS_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

/* A file descriptor that the loop watches, edge-triggered; -1 when closed. */
struct source {
	int fd;
	void (*ready)(struct source *source, uint32_t events);
};

/* What happens after each round of events. */
struct loop_work {
	bool (*turn)(void); /* true: there is more to do, do not sleep */
	int (*timeout)(void); /* milliseconds until something is due, -1 for never */
	void (*signalled)(int signal);
};

/* Blocks the signals that the loop reads. Comes before anything else; the child of a spawn unblocks them. */
void loop_block_signals(void);
int loop_open(const struct loop_work *work);
_Noreturn void loop_run(void);

int loop_watch(struct source *source, uint32_t events);
/* Has the source report again what it is ready for. */
void loop_again(struct source *source, uint32_t events);
void loop_close(struct source *source);
/* Ends the watch and returns the descriptor, still open. */
int loop_release(struct source *source);
/* Frees memory that contains a source, once no event of the current round can refer to it. */
void loop_free(void *memory);

#endif
