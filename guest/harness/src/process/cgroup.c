/* A cgroup for each process: to kill everything that it started, and to learn whether memory ran out. */
#include "process/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"

#define ROOT "/sys/fs/cgroup"
#define OURS ROOT "/aegis"

enum { CREATED_AHEAD = 3, FREEZE_TRIES = 200, FREEZE_STEP_US = 500 };

/* 1/32 of the memory is kept from processes: for what they make the kernel hold, which is not counted as theirs. */
enum { KERNEL_SHARE = 32 };

struct cgroup {
	struct cgroup *next_free;
	unsigned int number; /* its name */
	bool killed;
	int directory;
	int events; /* cgroup.events: tells whether it has members */
	unsigned long oom_kills; /* those already reported */
};

static int parent = -1;
static unsigned int created;
static struct cgroup *first_free;

static void name_of(char name[static 16], unsigned int number)
{
	snprintf(name, 16, "%u", number);
}

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

/* The number after a key in a file of "key number" lines; 0 when it is not there. */
static unsigned long read_value(int fd, const char *key)
{
	char text[512];
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);
	const char *at;

	text[got > 0 ? got : 0] = '\0';
	at = strstr(text, key);
	return at != NULL ? strtoul(at + strlen(key), NULL, 10) : 0;
}

static unsigned long oom_kills(const struct cgroup *cgroup)
{
	int fd = openat(cgroup->directory, "memory.events", O_RDONLY | O_CLOEXEC);
	unsigned long kills;

	if (fd < 0)
		return 0;
	kills = read_value(fd, "oom_kill ");
	close(fd);
	return kills;
}

static struct cgroup *create(void)
{
	struct cgroup *cgroup;
	char name[16];
	int directory;

	name_of(name, created);
	if (mkdirat(parent, name, 0755) != 0 && errno != EEXIST)
		return NULL;
	directory = openat(parent, name, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (directory < 0)
		return NULL;
	cgroup = must_allocate(sizeof(*cgroup));
	cgroup->number = created++;
	cgroup->directory = directory;
	cgroup->events = openat(directory, "cgroup.events", O_RDONLY | O_CLOEXEC);
	return cgroup;
}

static void put_back(struct cgroup *cgroup)
{
	cgroup->next_free = first_free;
	first_free = cgroup;
}

static void discard(struct cgroup *cgroup)
{
	char name[16];

	name_of(name, cgroup->number);
	close(cgroup->directory);
	close(cgroup->events);
	if (unlinkat(parent, name, AT_REMOVEDIR) != 0)
		log_line("cgroup %s stays: %s", name, strerror(errno));
	free(cgroup);
}

/*
 * Processes reach a limit of their own before the guest has no memory left. Without it a guest can stand still for
 * ever: a page of a program that has to be read again needs memory for a block of EROFS, and for that (GFP_NOFS) the
 * kernel ends no process, it tries again.
 */
static void limit_memory(void)
{
	int meminfo = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	unsigned long total, available;
	char bytes[32];

	if (meminfo < 0)
		return;
	total = read_value(meminfo, "MemTotal:");
	available = read_value(meminfo, "MemAvailable:");
	close(meminfo);
	snprintf(bytes, sizeof(bytes), "%luK", available - total / KERNEL_SHARE);
	if (available <= total / KERNEL_SHARE || !write_file(parent, "memory.max", bytes))
		log_line("the memory of processes has no limit");
}

static void create_ahead(void)
{
	for (int i = 0; i < CREATED_AHEAD; i++) {
		struct cgroup *cgroup = create();

		if (cgroup != NULL)
			put_back(cgroup);
	}
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
	limit_memory();
	create_ahead();
}

struct cgroup *cgroup_take(void)
{
	struct cgroup *cgroup = first_free;

	if (parent < 0)
		return NULL;
	if (cgroup == NULL)
		return create();
	first_free = cgroup->next_free;
	return cgroup;
}

bool cgroup_give_back(struct cgroup *cgroup)
{
	if (cgroup == NULL)
		return true;
	if (read_value(cgroup->events, "populated ") != 0)
		return false;
	if (cgroup->killed)
		discard(cgroup);
	else
		put_back(cgroup);
	return true;
}

int cgroup_directory(const struct cgroup *cgroup)
{
	return cgroup == NULL ? -1 : cgroup->directory;
}

bool cgroup_is_named(const struct cgroup *cgroup, unsigned int number)
{
	return cgroup != NULL && cgroup->number == number;
}

void cgroup_join(int directory)
{
	write_file(directory, "cgroup.procs", "0");
}

bool cgroup_kill(struct cgroup *cgroup)
{
	if (cgroup == NULL)
		return false;
	cgroup->killed = true;
	return write_file(cgroup->directory, "cgroup.kill", "1");
}

static void freeze(int cgroup, bool frozen)
{
	int events;

	if (!write_file(cgroup, "cgroup.freeze", frozen ? "1" : "0"))
		return;
	events = openat(cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);
	/* A process that waits for a disk may take longer, and does nothing else meanwhile. */
	for (int i = 0; events >= 0 && i < FREEZE_TRIES && (read_value(events, "frozen ") != 0) != frozen; i++)
		usleep(FREEZE_STEP_US);
	if (events >= 0)
		close(events);
}

void cgroup_freeze_all(bool frozen)
{
	DIR *all = parent >= 0 ? opendir(ROOT) : NULL;
	const struct dirent *entry;

	/* What processes have moved to cgroups of their own, such as containers, is beside ours. */
	while (all != NULL && (entry = readdir(all)) != NULL) {
		int cgroup = entry->d_type == DT_DIR && entry->d_name[0] != '.'
				     ? openat(dirfd(all), entry->d_name, O_DIRECTORY | O_RDONLY | O_CLOEXEC)
				     : -1;

		if (cgroup >= 0) {
			freeze(cgroup, frozen);
			close(cgroup);
		}
	}
	if (all != NULL)
		closedir(all);
}

bool cgroup_saw_oom(struct cgroup *cgroup)
{
	unsigned long before;

	if (cgroup == NULL)
		return false;
	before = cgroup->oom_kills;
	cgroup->oom_kills = oom_kills(cgroup);
	return cgroup->oom_kills > before;
}
