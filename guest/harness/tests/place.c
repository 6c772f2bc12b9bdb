/* A directory for tests of file calls. */
#include "place.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel/rpc.h"
#include "check.h"

char place[] = "/tmp/aegis-files-XXXXXX";

void make_place(void)
{
	CHECK(mkdtemp(place) != NULL);
}

void remove_place(void)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -rf %s", place);
	CHECK(system(command) == 0);
}

const char *at(const char *name)
{
	static char paths[8][PATH_MAX];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, PATH_MAX, "%s/%s", place, name);
	return path;
}

void make_file(const char *name, const char *content, mode_t mode)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	CHECK(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content) && fchmod(fd, mode) == 0);
	close(fd);
}

bool content_is(const char *name, const char *content)
{
	char got[256] = "";
	int fd = open(at(name), O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, got, sizeof(got) - 1);

	if (fd >= 0)
		close(fd);
	return size == (ssize_t)strlen(content) && memcmp(got, content, (size_t)size) == 0;
}

json_int_t ask(const char *method, const char *path, const char *more)
{
	char params[2 * PATH_MAX];

	snprintf(params, sizeof(params), "{'path':'%s'%s%s}", path, more[0] == '\0' ? "" : ",", more);
	return host_request(&host, method, params);
}

int error_of(json_int_t id)
{
	json_t *error = json_object_get(host_answer(&host, id), "error");

	if (error == NULL)
		return 0;
	CHECK(json_integer_value(json_object_get(error, "code")) == RPC_SYSTEM_ERROR);
	return (int)json_integer_value(json_object_get(json_object_get(error, "data"), "errno"));
}

json_int_t fact(json_int_t id, const char *key)
{
	return json_integer_value(json_object_get(json_object_get(host_answer(&host, id), "result"), key));
}

const char *text_fact(json_int_t id, const char *key)
{
	return json_string_value(json_object_get(json_object_get(host_answer(&host, id), "result"), key));
}
