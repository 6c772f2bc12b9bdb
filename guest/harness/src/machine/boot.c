/* The first steps of PID 1: standard streams, limits, modules, the port to the host. */
#include "machine/boot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define MODULES "/modules"
#define PORTS "/sys/class/virtio-ports"
#define PORT_NAME "aegis.channel"

enum {
	FILES_SOFT = 65536,
	FILES_HARD = 524288,
	MODULE_COMPRESSED = 4, /* MODULE_INIT_COMPRESSED_FILE of <linux/module.h> */
	PORT_TRIES = 5000,
	PORT_PAUSE_NS = 2000000,
};

void boot_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

void boot_raise_limits(void)
{
	struct rlimit files = {.rlim_cur = FILES_SOFT, .rlim_max = FILES_HARD};

	setrlimit(RLIMIT_NOFILE, &files);
}

static void load_module(const char *path)
{
	size_t length = strlen(path);
	int flags = length > 3 && strcmp(path + length - 3, ".ko") == 0 ? 0 : MODULE_COMPRESSED;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		log_line("module %s: %s", path, strerror(errno));
		return;
	}
	if (syscall(SYS_finit_module, fd, "", flags) != 0 && errno != EEXIST)
		log_line("module %s: %s", path, strerror(errno));
	close(fd);
	unlink(path);
}

void boot_load_modules(void)
{
	FILE *order = fopen(MODULES "/order", "re");
	char line[256];

	if (order == NULL)
		return;
	while (fgets(line, sizeof(line), order) != NULL) {
		char path[sizeof(line) + sizeof(MODULES) + 1];

		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		snprintf(path, sizeof(path), "%s%s", line[0] == '/' ? "" : MODULES "/", line);
		load_module(path);
	}
	fclose(order);
	unlink(MODULES "/order");
}

static bool is_the_channel(const char *port)
{
	char path[300];
	char name[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), PORTS "/%s/name", port);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, name, sizeof(name) - 1);
	close(fd);
	name[got > 0 ? got : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	return strcmp(name, PORT_NAME) == 0;
}

static int open_port(void)
{
	DIR *ports = opendir(PORTS);
	struct dirent *entry;
	int fd = -1;

	while (ports != NULL && fd < 0 && (entry = readdir(ports)) != NULL) {
		char path[300];

		if (entry->d_name[0] == '.' || !is_the_channel(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	}
	if (ports != NULL)
		closedir(ports);
	return fd;
}

int boot_open_port(void)
{
	struct timespec pause = {.tv_nsec = PORT_PAUSE_NS};

	/* The driver adds its ports some time after it is loaded. */
	for (int i = 0; i < PORT_TRIES; i++) {
		int fd = open_port();

		if (fd >= 0)
			return fd;
		nanosleep(&pause, NULL);
	}
	return -1;
}
