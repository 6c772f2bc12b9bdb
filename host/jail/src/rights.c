/*
 * Who the program is. A launcher of root's gives it a uid that no other process has. The program calls itself 0 in a user
 * namespace that knows that uid, so a guest sees the files of a directory that it shares owned by root, as root's files
 * always were; the mounts it gets are mapped by the same namespace. On the host the files stay root's, and the program
 * owns nothing. Its other namespaces belong to the host's root, so capabilities in this one would not rule them.
 *
 * An ordinary user's launcher can only make a user namespace that has that user.
 */
#include "jail.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static bool write_to(pid_t process, const char *file, const char *text)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)process, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) > 0;
	if (fd >= 0)
		close(fd);
	return written;
}

/*
 * Root's ids become uid, which is not otherwise in it; all others stay what they are, so that a guest sees true owners.
 * Returns a descriptor of a namespace that lives by it and by the mounts that use it; -1: that is forbidden.
 */
int make_user_namespace(uid_t uid)
{
	char map[128];
	char path[64];
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL); /* As fork(2). */
	if (child == 0)
		_exit(0); /* Its namespace is there until we have waited for it. */
	snprintf(map, sizeof map, "0 %u 1\n1 1 %u\n%u %u %u\n", uid, uid - 1, uid + 1, uid + 1, UINT32_MAX - 1 - uid);
	snprintf(path, sizeof path, "/proc/%d/ns/user", (int)child);
	bool mapped = child > 0 && write_to(child, "uid_map", map) && write_to(child, "gid_map", map);
	int namespace = mapped ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	waitpid(child, NULL, 0);
	return namespace;
}

/* The child of an ordinary user's launcher has been made in a user namespace, which maps no ids until now. */
void map_own_user(pid_t child)
{
	char users[32];
	char groups[32];
	snprintf(users, sizeof users, "%u %u 1\n", geteuid(), geteuid());
	snprintf(groups, sizeof groups, "%u %u 1\n", getegid(), getegid());
	must(write_to(child, "setgroups", "deny") && write_to(child, "uid_map", users) && write_to(child, "gid_map", groups),
		"cannot set the ids of the user namespace: %m");
}

/* Enters a namespace of make_user_namespace, where 0 is the program's own uid. */
void become(int user_namespace)
{
	must(setns(user_namespace, CLONE_NEWUSER) == 0 && setgroups(0, NULL) == 0 && setresgid(0, 0, 0) == 0
		&& setresuid(0, 0, 0) == 0, "cannot become the program's user: %m");
	say("wall uid yes");
}

static void limit(__rlimit_resource_t what, rlim_t most)
{
	struct rlimit limit;
	must(getrlimit(what, &limit) == 0, "cannot ask for limit %d: %m", (int)what);
	limit.rlim_cur = limit.rlim_max = most < limit.rlim_max ? most : limit.rlim_max;
	must(setrlimit(what, &limit) == 0, "cannot set limit %d: %m", (int)what);
}

/*
 * No core file, which would have the guest's memory in it, and no new privileges. Threads count as processes, and all of a
 * uid's are counted together, so they have a limit only where the program is alone with its uid.
 */
void renounce(bool own_processes, rlim_t file_bytes)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, 8192);
	limit(RLIMIT_FSIZE, file_bytes);
	if (own_processes)
		limit(RLIMIT_NPROC, 512);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "cannot set no_new_privs: %m");
}

/* None in any set, and none for a program of uid 0. A process that has none at the start is refused the rest, and does not need it. */
void drop_capabilities(void)
{
	for (unsigned long each = 0; prctl(PR_CAPBSET_READ, each, 0, 0, 0) >= 0; each++)
		prctl(PR_CAPBSET_DROP, each, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	prctl(PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0, 0);
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
	must(syscall(SYS_capset, &header, none) == 0, "cannot drop the capabilities: %m");
}
