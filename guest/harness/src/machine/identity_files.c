/*
 * The files with the guest's identity. They are in memory, each mounted over its place in /etc. So a restored VM gets its
 * identity without writing to its disk, which can be full and is slow at its first use.
 */
#include "machine/identity_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"

#define DIRECTORY "/run/aegis"

enum { IMAGE_CONTENT_MAX = 65536 };

static struct {
	const char *name;
	char *content; /* NULL: that of the image */
	int fd; /* 0 until the file exists */
} files[IDENTITY_FILES] = {
	[FILE_HOSTNAME] = {.name = "hostname"},
	[FILE_MACHINE_ID] = {.name = "machine-id"},
	[FILE_HOSTS] = {.name = "hosts"},
	[FILE_RESOLVER] = {.name = "resolv.conf"},
};

static void write_content(int fd, const char *name, const char *content)
{
	size_t size = strlen(content);

	if (pwrite(fd, content, size, 0) != (ssize_t)size || ftruncate(fd, (off_t)size) != 0)
		log_line("/etc/%s: %s", name, strerror(errno));
}

void identity_file_set(enum identity_file file, char *content)
{
	free(files[file].content);
	files[file].content = content;
	if (files[file].fd > 0)
		write_content(files[file].fd, files[file].name, content);
}

/* The content in the image. A file that cannot be read (a dangling symlink, a directory) counts as empty. */
static char *content_of_image(const char *path)
{
	char *content = must_allocate(IMAGE_CONTENT_MAX + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = fd < 0 ? 0 : read(fd, content, IMAGE_CONTENT_MAX);

	if (fd >= 0)
		close(fd);
	content[got > 0 ? got : 0] = '\0';
	return content;
}

/* Makes sure that there is a regular file to mount over. Many images have a symlink here. */
static bool make_place(const char *path)
{
	struct stat status;
	int fd;

	if (lstat(path, &status) == 0 && S_ISREG(status.st_mode))
		return true;
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static void prepare(enum identity_file file)
{
	char ours[64];
	char place[64];

	snprintf(ours, sizeof(ours), DIRECTORY "/%s", files[file].name);
	snprintf(place, sizeof(place), "/etc/%s", files[file].name);
	if (files[file].content == NULL)
		files[file].content = content_of_image(place);
	files[file].fd = open(ours, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (files[file].fd < 0 || !make_place(place) || mount(ours, place, NULL, MS_BIND, NULL) != 0)
		log_line("%s: %s", place, strerror(errno));
	if (files[file].fd > 0)
		write_content(files[file].fd, files[file].name, files[file].content);
}

void identity_files_prepare(void)
{
	mkdir(DIRECTORY, 0755);
	mkdir("/etc", 0755);
	for (int file = 0; file < IDENTITY_FILES; file++)
		prepare((enum identity_file)file);
}
