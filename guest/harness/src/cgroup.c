/* A cgroup for each process: the way to end all that it started, and to learn that memory ran out. */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

#define ROOT "/sys/fs/cgroup"
#define OURS ROOT "/aegis"

static int parent = -1;

static bool write_file(int directory, const char *path, const char *text)
{
	int fd = openat(directory, path, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

void cgroup_prepare(void)
{
	static const char *const controllers[] = {"+cpu", "+memory", "+pids"};

	if (access(ROOT "/cgroup.procs", F_OK) != 0 || (mkdir(OURS, 0755) != 0 && errno != EEXIST))
		return;
	parent = open(OURS, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (parent < 0)
		return;
	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
		write_file(AT_FDCWD, ROOT "/cgroup.subtree_control", controllers[i]);
		if (!write_file(parent, "cgroup.subtree_control", controllers[i]))
			log_line("cgroup controller %s is not available", controllers[i] + 1);
	}
}

int cgroup_create(const char *exec_id)
{
	if (parent < 0)
		return -1;
	if (mkdirat(parent, exec_id, 0755) != 0 && errno != EEXIST)
		return -1;
	return openat(parent, exec_id, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
}

void cgroup_join(int directory)
{
	write_file(directory, "cgroup.procs", "0");
}

static int open_of(const char *exec_id, const char *file, int flags)
{
	char path[128];

	if (parent < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/%s", exec_id, file);
	return openat(parent, path, flags | O_CLOEXEC);
}

bool cgroup_kill(const char *exec_id)
{
	int fd = open_of(exec_id, "cgroup.kill", O_WRONLY);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, "1", 1) == 1;
	close(fd);
	return done;
}

bool cgroup_remove(const char *exec_id)
{
	return parent < 0 || unlinkat(parent, exec_id, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

bool cgroup_saw_oom(const char *exec_id)
{
	int fd = open_of(exec_id, "memory.events", O_RDONLY);
	char text[512];
	ssize_t got;
	const char *line;

	if (fd < 0)
		return false;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	line = strstr(text, "oom_kill ");
	return line != NULL && strtoul(line + strlen("oom_kill "), NULL, 10) > 0;
}
