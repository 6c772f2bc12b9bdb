/* Kernel modules: the order is worked out when the initramfs is made, here it is only followed. */
#include "modules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"

#define DIRECTORY "/modules"

enum { COMPRESSED = 4 }; /* MODULE_INIT_COMPRESSED_FILE */

static void load(const char *path)
{
	size_t length = strlen(path);
	int flags = length > 3 && strcmp(path + length - 3, ".ko") == 0 ? 0 : COMPRESSED;
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

void modules_load(void)
{
	FILE *order = fopen(DIRECTORY "/order", "re");
	char line[256];

	if (order == NULL)
		return;
	while (fgets(line, sizeof(line), order) != NULL) {
		char path[sizeof(line) + sizeof(DIRECTORY) + 1];

		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		snprintf(path, sizeof(path), "%s%s", line[0] == '/' ? "" : DIRECTORY "/", line);
		load(path);
	}
	fclose(order);
	unlink(DIRECTORY "/order");
}
