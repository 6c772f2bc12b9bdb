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
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	FILES_FD = 8, /* the program's descriptor of a socket, by which files come */
	SHARE_FD = 9, /* its descriptor of the directory that it shares with a guest */
	NOT_STARTED = 125, /* the launcher's status if the program was never started */
	MAX_PLACES = 256,
};

/* Where several shares are, each by its name; the directory is SHARE_FD then. */
#define SHARES "/share"

enum kind { PROGRAM, READ_ONLY, READ_WRITE, DEVICE };

/* Something of the host that the program may open. */
struct place {
	enum kind kind;
	const char *source; /* where it is on the host */
	const char *target; /* where the program finds it; NULL: by no name, but as SHARE_FD */
	const char *identity; /* of a share, else NULL: begins with DEVICE:INODE:, what stat(2) has to say of it */
	int tree; /* a mount of it that is attached nowhere yet; of a share without namespaces, the directory */
};

struct options {
	bool plain; /* a session, limits, no new privileges, and nothing else: the launcher becomes the program */
	bool namespaces;
	bool files; /* stdin is not the program's: it has a socket instead */
	rlim_t file_bytes; /* how large a file may become that it writes to */
	uid_t uid; /* who the program is to be if the launcher is root's; 0: root, without capabilities */
	struct place places[MAX_PLACES];
	size_t place_count;
	bool several; /* shares, each with a name */
	struct place *share; /* the one that is SHARE_FD; NULL: none */
	char **command; /* its first is NULL: say which walls can be had, and run nothing */
};

/* daemon.c: what the daemon tells us, and what we tell it: lines on the status pipe, in which %m is errno's meaning. */
void parse_options(struct options *options, int argc, char **argv);
struct place *add_place(struct options *options, enum kind kind, const char *source, const char *target);
int open_report(void);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define fail(...) (say("error " __VA_ARGS__), _exit(NOT_STARTED))
#define must(holds, ...) ((holds) ? (void)0 : fail(__VA_ARGS__))

/* files.c: obeys a line of stdin, by our end of the program's socket. Returns whether there may be more. */
bool serve_command(int socket);

/* rights.c: who the program is, and what else it gives up. */
int make_user_namespace(uid_t uid);
void map_own_user(pid_t child);
void become(int user_namespace);
void renounce(bool own_processes, rlim_t file_bytes);
void drop_capabilities(void);

/* room.c: the file system that the program sees. Returns whether the mounts have the owners of user_namespace. */
bool build_room(struct options *options, int user_namespace);
void open_share(struct place *share);

/* landlock.c, calls.c: what stands even where no namespace does. */
void restrict_files(const struct options *options);
void restrict_calls(void);

#endif
