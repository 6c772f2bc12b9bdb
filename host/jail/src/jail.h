/* What the parts of the launcher share, and the headers that most of them need. */
#ifndef AEGIS_JAIL_H
#define AEGIS_JAIL_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Descriptors that the program finds open: its second monitor, and the directory that it shares with a guest. */
enum { FILES_FD = 8, SHARE_FD = 9 };

/* The launcher's status if the program was never started. */
enum { NOT_STARTED = 125 };

enum kind { PROGRAM, READ_ONLY, READ_WRITE, DEVICE };

/* Something of the host that the program may open. */
struct place {
	enum kind kind;
	const char *source; /* where it is on the host */
	const char *target; /* where the program finds it; NULL: by no name, but as SHARE_FD */
	dev_t device; /* of a share: what stat(2) has to say of it */
	ino_t inode;
	int tree; /* a mount of it that is attached nowhere yet; of a share without namespaces, the directory */
};

enum { MAX_PLACES = 256 };

struct options {
	bool plain; /* a session, limits, no new privileges, and nothing else: the launcher becomes the program */
	bool walls; /* say which walls can be had, and run nothing */
	bool namespaces;
	bool input; /* the program reads our stdin */
	bool files; /* the program has a second monitor, by which it gets files later */
	uid_t uid; /* who the program is to be if the launcher is root's; 0: root, without capabilities */
	struct place places[MAX_PLACES];
	size_t place_count;
	struct place share; /* source is NULL: none */
	char **command;
};

/* options.c */
void parse_options(struct options *options, int argc, char **argv);

/* report.c: a line on the status pipe, the launcher's stdout. fail ends the process; in both, %m is errno's meaning. */
void open_report(void);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define fail(...) (say("error " __VA_ARGS__), _exit(NOT_STARTED))

/* rights.c: who the program is, and what else it gives up. */
pid_t fork_into(unsigned long long namespaces, int *descriptor);
int make_user_namespace(uid_t uid);
void map_own_user(pid_t child);
void become(int user_namespace);
void limit(bool own_processes);
void no_new_privileges(void);
void drop_capabilities(void);

/* room.c: the file system that the program sees. Returns whether the mounts have the owners of user_namespace. */
bool build_room(struct options *options, int user_namespace);
void open_share(struct place *share);

/* landlock.c, calls.c: what stands even where no namespace does. */
void restrict_files(const struct options *options);
void restrict_calls(void);

/* files.c: obeys what stdin says, by the program's monitor. Returns whether there may be more. */
bool serve_commands(int monitor);

#endif
