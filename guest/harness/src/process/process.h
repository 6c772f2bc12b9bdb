/* The processes that the host asked for, from clone to the last member of their cgroup. */
#ifndef AEGIS_PROCESS_H
#define AEGIS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/loop.h"
#include "channel/control.h"
#include "channel/stream.h"
#include "process/params.h"

enum { PROCESSES_MAX = 512 };

#define MAIN_EXEC_ID "main"

struct process {
	struct process *next;
	char exec_id[EXEC_ID_MAX + 1];
	struct cgroup *cgroup;
	pid_t pid; /* 0 once reaped; the record stays while its cgroup has members */
	bool started; /* execve succeeded and the request is answered */
	struct source report; /* the report pipe: closed by execve, or carries the failure */
	struct ticket ticket;
	struct stream *input;
	struct stream *output;
	struct stream *errors;
	int terminal; /* the terminal's master side, -1 without one */
	char session[EXEC_ID_MAX + 1]; /* copies of this machine keep it under this name; empty: they do not */
	bool waits; /* this is a copy, and no client is connected with it yet */
};

struct process *process_add(const char *exec_id);
struct process *process_find(const char *exec_id);
/* What the process of this cgroup is called, or NULL. */
const char *process_in_cgroup(unsigned int number);
void process_remove(struct process *process);
bool process_table_is_full(void);
size_t process_count(void);
bool process_main_was_started(void);

/* Waits for the outcome of execve, then answers the request. */
void process_watch_start(struct process *process, int report_fd);

/* A child of PID 1 was reaped, possibly an orphan. */
void process_ended(pid_t pid, int status);
/* Forgets ended processes whose cgroup has become empty. Cheap when nothing has ended since. */
void process_sweep(void);

/* This machine is about to be copied: processes stand still, and at the end of the session the streams of those that go on stay. */
void process_hold_all(void);
/* It was: processes go on. */
void process_release_all(void);
/*
 * In a copy: kills all processes but the main one and those with a session. The outputs of the main one are these streams from now on, and all
 * that is left goes on.
 */
void process_adopt_main(struct process *main, const struct process_params *streams);
/* In a copy: the process of this session that no client is connected with yet, or NULL. */
struct process *process_waiting(const char *session);
/* Connects it with these streams, under another id. */
void process_connect(struct process *process, const char *exec_id, const struct process_params *params);

void process_resize(const struct process *process, unsigned short rows, unsigned short columns);
void process_kill(const struct process *process);
void process_kill_all(void);

#endif
