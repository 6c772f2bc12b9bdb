/* Users and groups of the guest, looked up in its own /etc/passwd and /etc/group. */
#ifndef AEGIS_USERS_H
#define AEGIS_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { GROUPS_MAX = 64, USER_FILE_MAX = 1 << 20, USER_HOME_MAX = 1024 };

struct user {
	uid_t uid;
	gid_t gid;
	gid_t groups[GROUPS_MAX];
	size_t group_count;
	char home[USER_HOME_MAX]; /* an absolute path; / when passwd has none */
};

/* Finds "user", "uid", "user:group" or "uid:gid" in the two texts, which may contain anything. False: there is none. */
bool users_find(const char *passwd, size_t passwd_size, const char *group, size_t group_size, const char *wanted,
		struct user *user);
/* The same in the guest's files; a missing file counts as empty. */
bool users_look_up(const char *wanted, struct user *user);
/* Makes the calling process that user, irrevocably. False with errno when it may not. */
bool users_become(const struct user *user);

#endif
