/* The event loop: events first, then one turn of work, then sleep until the next event or deadline. */
#include "base/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"

enum { EVENTS_PER_ROUND = 64 };

/* Memory to free at the end of the round. */
struct garbage {
	struct garbage *next;
	void *memory;
};

static int epoll_fd = -1;
static const struct loop_work *work;
static struct garbage *garbage;
static struct source signals = {.fd = -1};

static void signal_set(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGPWR);
}

void loop_block_signals(void)
{
	sigset_t set;

	signal_set(&set);
	sigaddset(&set, SIGPIPE); /* A write to a closed pipe must only fail with EPIPE. */
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static void signals_ready(struct source *source, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)events;
	while (read(source->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		work->signalled((int)info.ssi_signo);
}

int loop_open(const struct loop_work *loop_work)
{
	sigset_t set;

	work = loop_work;
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		return -1;
	signal_set(&set);
	signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	signals.ready = signals_ready;
	return signals.fd < 0 ? -1 : loop_watch(&signals, EPOLLIN);
}

int loop_watch(struct source *source, uint32_t events)
{
	struct epoll_event event = {.events = events | EPOLLET, .data.ptr = source};

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, source->fd, &event);
}

void loop_again(struct source *source, uint32_t events)
{
	struct epoll_event event = {.events = events | EPOLLET, .data.ptr = source};

	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, source->fd, &event);
}

int loop_release(struct source *source)
{
	int fd = source->fd;

	/* A child may share the open file; then closing alone does not end the watch. */
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	source->fd = -1;
	return fd;
}

void loop_close(struct source *source)
{
	if (source->fd >= 0)
		close(loop_release(source));
}

void loop_free(void *memory)
{
	struct garbage *piece = must_allocate(sizeof(*piece));

	piece->memory = memory;
	piece->next = garbage;
	garbage = piece;
}

static void collect_garbage(void)
{
	while (garbage != NULL) {
		struct garbage *piece = garbage;

		garbage = piece->next;
		free(piece->memory);
		free(piece);
	}
}

static void one_round(bool may_sleep)
{
	struct epoll_event events[EVENTS_PER_ROUND];
	int count = epoll_wait(epoll_fd, events, EVENTS_PER_ROUND, may_sleep ? work->timeout() : 0);

	if (count < 0 && errno != EINTR)
		log_line("epoll_wait failed with errno %d", errno);
	for (int i = 0; i < count; i++) {
		struct source *source = events[i].data.ptr;

		if (source->fd >= 0)
			source->ready(source, events[i].events);
	}
	collect_garbage();
}

_Noreturn void loop_run(void)
{
	bool more = true;

	for (;;) {
		one_round(!more);
		more = work->turn();
		collect_garbage();
	}
}
