/* Identity: entropy first, since without it everything later can be guessed; then clock, names, files, network. */
#include "machine/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "machine/identity_files.h"
#include "net/gateway.h"
#include "net/net.h"

enum { CONTENT_MAX = 65536 };

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

static void set_files(const struct identity_params *params)
{
	static const char local_names[] = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n127.0.1.1\t";

	identity_file_set(FILE_HOSTNAME, line_of("", params->hostname));
	identity_file_set(FILE_MACHINE_ID, line_of("", params->machine_id));
	identity_file_set(FILE_HOSTS, params->hosts != NULL ? must_copy(params->hosts)
							    : line_of(local_names, params->hostname));
	if (params->by_gateway)
		identity_file_set(FILE_RESOLVER, must_copy("nameserver " GATEWAY_RESOLVER "\n"));
	else if (params->dns != NULL)
		identity_file_set(FILE_RESOLVER, resolver_of(params->dns));
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
	set_files(params);
	return identity_set_network(params, step);
}

int identity_set_network(const struct identity_params *params, const char **step)
{
	*step = "gateway";
	net_take_macs(params->machine_id);
	if (params->by_gateway)
		return gateway_open();
	gateway_close();
	return params->has_network ? net_configure(params->interface, params->address, params->gateway, step) : 0;
}
