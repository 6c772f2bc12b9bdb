/* The first steps of PID 1: standard streams, limits, the port to the host. */
#include "boot.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PORTS "/sys/class/virtio-ports"
#define PORT_NAME "aegis.channel"

enum { FILES_OF_OUR_OWN = 65536, FILES_HARD = 524288, PORT_TRIES = 5000, PORT_PAUSE_NS = 2000000 };

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
	struct rlimit files = {.rlim_cur = FILES_OF_OUR_OWN, .rlim_max = FILES_HARD};

	setrlimit(RLIMIT_NOFILE, &files);
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

	/* The driver adds its ports some time after it was loaded. */
	for (int i = 0; i < PORT_TRIES; i++) {
		int fd = open_port();

		if (fd >= 0)
			return fd;
		nanosleep(&pause, NULL);
	}
	return -1;
}
