/* Identity: entropy first, since all else may be guessed without it; then clock, names, files, network. */
#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "buffer.h"
#include "log.h"
#include "mounts.h"
#include "net.h"

enum { FILES = 4, CONTENT_MAX = 65536 };

/* A file of the guest that says who it is; NULL content: left as the image has it. */
struct identity_file {
	const char *path;
	char *content;
};

static struct identity_file files[FILES] = {
	{"/etc/hostname", NULL},
	{"/etc/machine-id", NULL},
	{"/etc/hosts", NULL},
	{"/etc/resolv.conf", NULL},
};

static int add_entropy(const uint8_t *bytes, size_t size)
{
	struct {
		int bits;
		int size;
		uint8_t bytes[64];
	} pool = {.bits = (int)size * 8, .size = (int)size};
	int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	int outcome = 0;

	if (fd < 0)
		return errno;
	memcpy(pool.bytes, bytes, size);
	if (ioctl(fd, RNDADDENTROPY, &pool) != 0 || ioctl(fd, RNDRESEEDCRNG) != 0)
		outcome = errno;
	explicit_bzero(&pool, sizeof(pool));
	close(fd);
	return outcome;
}

int identity_set_clock(int64_t unix_ns)
{
	struct timespec now = {.tv_sec = unix_ns / 1000000000, .tv_nsec = (long)(unix_ns % 1000000000)};

	return clock_settime(CLOCK_REALTIME, &now) == 0 ? 0 : errno;
}

static bool has_content(const struct identity_file *file)
{
	char now[4096];
	size_t size = strlen(file->content);
	struct stat status;
	bool same;
	int fd;

	if (size > sizeof(now) || lstat(file->path, &status) != 0 || !S_ISREG(status.st_mode) ||
	    (size_t)status.st_size != size)
		return false;
	fd = open(file->path, O_RDONLY | O_CLOEXEC);
	same = fd >= 0 && read(fd, now, size) == (ssize_t)size && memcmp(now, file->content, size) == 0;
	if (fd >= 0)
		close(fd);
	return same;
}

/* Replaces the file, whatever it was: images like to have a symlink to somewhere here. */
static bool write_file(const struct identity_file *file)
{
	char temporary[64];
	size_t size = strlen(file->content);
	bool done;
	int fd;

	snprintf(temporary, sizeof(temporary), "%s.aegis", file->path);
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	done = write(fd, file->content, size) == (ssize_t)size;
	close(fd);
	return done && rename(temporary, file->path) == 0;
}

/* A full disk must not keep a VM from starting, so failures are told and survived. */
static void write_files(void)
{
	if (!mounts_are_done())
		return;
	mkdir("/etc", 0755);
	for (int i = 0; i < FILES; i++)
		if (files[i].content != NULL && !has_content(&files[i]) && !write_file(&files[i]))
			log_line("%s: %s", files[i].path, strerror(errno));
}

void identity_root_mounted(void)
{
	write_files();
}

/* Takes the content over. */
static void remember(struct identity_file *file, char *content)
{
	free(file->content);
	file->content = content;
}

static char *line_of(const char *before, const char *value)
{
	char *text = NULL;

	if (asprintf(&text, "%s%s\n", before, value) < 0)
		abort();
	return text;
}

static char *resolver_of(json_t *servers)
{
	struct buffer text = {0};
	size_t index;
	json_t *server;

	json_array_foreach (servers, index, server) {
		const char *address = json_string_value(server);

		if (address == NULL || strpbrk(address, "\r\n") != NULL || text.size > CONTENT_MAX)
			continue;
		buffer_append(&text, "nameserver ", 11);
		buffer_append(&text, address, strlen(address));
		buffer_append(&text, "\n", 1);
	}
	buffer_append(&text, "", 1);
	return (char *)text.bytes;
}

static void remember_all(const struct identity_params *params)
{
	static const char local_names[] = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n127.0.1.1\t";

	remember(&files[0], line_of("", params->hostname));
	remember(&files[1], line_of("", params->machine_id));
	remember(&files[2],
		 params->hosts != NULL ? must_copy(params->hosts) : line_of(local_names, params->hostname));
	if (params->dns != NULL)
		remember(&files[3], resolver_of(params->dns));
}

int identity_apply(const struct identity_params *params, const char **step)
{
	int outcome = add_entropy(params->entropy, sizeof(params->entropy));

	*step = "entropy";
	if (outcome != 0)
		return outcome;
	*step = "clock";
	outcome = identity_set_clock(params->unix_ns);
	if (outcome != 0)
		return outcome;
	*step = "hostname";
	if (sethostname(params->hostname, strlen(params->hostname)) != 0)
		return errno;
	remember_all(params);
	write_files();
	if (!params->has_network)
		return 0;
	return net_configure(params->interface, params->mac, params->address, params->gateway, step);
}
