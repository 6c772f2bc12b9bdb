/* Which processes have something of a file system open, as fuser(1) finds them. */
#include "machine/holders.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "process/process.h"

struct sought {
	const struct stat *roots;
	size_t count;
	bool inside; /* a root as the current directory does not count */
};

static bool is_sought(const struct sought *sought, dev_t device)
{
	for (size_t i = 0; i < sought->count; i++)
		if (sought->roots[i].st_dev == device)
			return true;
	return false;
}

static bool is_root(const struct sought *sought, const struct stat *status)
{
	for (size_t i = 0; i < sought->count; i++)
		if (sought->roots[i].st_dev == status->st_dev && sought->roots[i].st_ino == status->st_ino)
			return true;
	return false;
}

static bool stands_there(const struct sought *sought, const char *process)
{
	char path[300];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%s/cwd", process);
	return stat(path, &status) == 0 && is_sought(sought, status.st_dev) && !(sought->inside && is_root(sought, &status));
}

static bool leads_there(const struct sought *sought, const char *process, const char *name)
{
	char path[600];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%s/%s", process, name);
	return stat(path, &status) == 0 && is_sought(sought, status.st_dev);
}

static bool has_open(const struct sought *sought, const char *process)
{
	char path[300];
	DIR *descriptors;
	const struct dirent *entry;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%s/fd", process);
	descriptors = opendir(path);
	while (descriptors != NULL && !found && (entry = readdir(descriptors)) != NULL) {
		char name[sizeof(entry->d_name) + 4];

		snprintf(name, sizeof(name), "fd/%s", entry->d_name);
		found = isdigit((unsigned char)entry->d_name[0]) && leads_there(sought, process, name);
	}
	if (descriptors != NULL)
		closedir(descriptors);
	return found;
}

static bool has_mapped(const struct sought *sought, const char *process)
{
	char path[300];
	char line[4500];
	unsigned major_number;
	unsigned minor_number;
	bool found = false;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%s/maps", process);
	maps = fopen(path, "re");
	while (maps != NULL && !found && fgets(line, sizeof(line), maps) != NULL)
		found = sscanf(line, "%*s %*s %*s %x:%x", &major_number, &minor_number) == 2 &&
			is_sought(sought, makedev(major_number, minor_number));
	if (maps != NULL)
		fclose(maps);
	return found;
}

/* Its command is its own word. */
static void read_command(const char *process, char *command, int room)
{
	char path[300];
	FILE *file;

	command[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%s/comm", process);
	file = fopen(path, "re");
	if (file == NULL)
		return;
	if (fgets(command, room, file) == NULL)
		command[0] = '\0';
	fclose(file);
	command[strcspn(command, "\n")] = '\0';
	for (char *at = command; *at != '\0'; at++)
		if (!isprint((unsigned char)*at))
			*at = '?';
}

/* The exec that began it, with ", " in front; empty when that is not known. */
static void read_exec(const char *process, char *exec, size_t room)
{
	char path[300];
	unsigned int cgroup;
	const char *id = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/cgroup", process);
	file = fopen(path, "re");
	if (file != NULL && fscanf(file, "0::/aegis/%u", &cgroup) == 1)
		id = process_in_cgroup(cgroup);
	if (file != NULL)
		fclose(file);
	snprintf(exec, room, "%s%s", id == NULL ? "" : ", ", id == NULL ? "" : id);
}

static size_t name_all(const struct sought *sought, char *text, size_t room)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	size_t used = 0;

	while (processes != NULL && (entry = readdir(processes)) != NULL) {
		const char *process = entry->d_name;
		char command[64];
		char exec[EXEC_ID_MAX + 3];

		if (!isdigit((unsigned char)process[0]) || used + sizeof(command) + sizeof(exec) + 32 > room ||
		    !(stands_there(sought, process) || leads_there(sought, process, "root") ||
		      leads_there(sought, process, "exe") || has_open(sought, process) || has_mapped(sought, process)))
			continue;
		read_command(process, command, sizeof(command));
		read_exec(process, exec, sizeof(exec));
		used += (size_t)snprintf(text + used, room - used, "%s%.20s (%s%s)", used > 0 ? ", " : "", process, command, exec);
	}
	if (processes != NULL)
		closedir(processes);
	return used;
}

void holders_name(const struct stat *roots, size_t count, char *text, size_t room)
{
	struct sought sought = {roots, count, true};
	size_t used = name_all(&sought, text, room);

	sought.inside = false;
	if (used == 0 && name_all(&sought, text, room) == 0)
		snprintf(text, room, "a mount, or something else that is no process");
}
