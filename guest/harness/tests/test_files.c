/* Files, against a running harness: content both ways, the tree, and all that stands in the way. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "host.h"
#include "rpc.h"

static struct host host;
static char place[] = "/tmp/aegis-files-XXXXXX";
static char name_of_other[PATH_MAX + 32];

static void fresh(void)
{
	host_start(&host);
	host_hello(&host);
}

/* A path in the place of the tests; the texts live until the next few calls. */
static const char *at(const char *name)
{
	static char paths[8][PATH_MAX];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, PATH_MAX, "%s/%s", place, name);
	return path;
}

static void make_file(const char *name, const char *content, mode_t mode)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	CHECK(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content) && fchmod(fd, mode) == 0);
	close(fd);
}

static bool content_is(const char *name, const char *content)
{
	char got[256] = "";
	int fd = open(at(name), O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, got, sizeof(got) - 1);

	if (fd >= 0)
		close(fd);
	return size == (ssize_t)strlen(content) && memcmp(got, content, (size_t)size) == 0;
}

/* The request for a path in the place, with more params ("" or "'a':1"); returns its id. */
static json_int_t ask(const char *method, const char *path, const char *more)
{
	char params[2 * PATH_MAX];

	snprintf(params, sizeof(params), "{'path':'%s'%s%s}", path, more[0] == '\0' ? "" : ",", more);
	return host_request(&host, method, params);
}

/* The errno that a call fails with, 0 when it does not. */
static int error_of(json_int_t id)
{
	json_t *error = json_object_get(host_answer(&host, id), "error");

	if (error == NULL)
		return 0;
	CHECK(json_integer_value(json_object_get(error, "code")) == RPC_SYSTEM_ERROR);
	return (int)json_integer_value(json_object_get(json_object_get(error, "data"), "errno"));
}

static json_int_t fact(json_int_t id, const char *key)
{
	return json_integer_value(json_object_get(json_object_get(host_answer(&host, id), "result"), key));
}

static const char *text_fact(json_int_t id, const char *key)
{
	return json_string_value(json_object_get(json_object_get(host_answer(&host, id), "result"), key));
}

/* Nothing of ours is left beside the files. */
static bool no_drafts(void)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "test -z \"$(find %s -name '.aegis-*')\"", place);
	for (int i = 0; i < 100; i++) {
		if (system(command) == 0)
			return true;
		usleep(20000);
	}
	return false;
}

/* Sends until the harness has answered: then it has had enough. */
static void send_content(uint32_t stream, size_t size)
{
	static const uint8_t bytes[32768];
	size_t answers = json_array_size(host.answers);
	struct host_stream *to = &host.streams[stream];

	while (size > 0) {
		size_t piece = size < sizeof(bytes) ? size : sizeof(bytes);

		UNTIL(&host, (to->credit >= piece && host.connection_credit >= piece) ||
				     json_array_size(host.answers) > answers);
		if (json_array_size(host.answers) > answers)
			return;
		host_send_frame(&host, FRAME_DATA, stream, bytes, piece);
		to->credit -= piece;
		host.connection_credit -= piece;
		size -= piece;
	}
}

static void content_is_read(void)
{
	json_int_t id;

	fresh();
	make_file("r", "hello world", 0640);
	CHECK(symlink("r", at("link")) == 0);
	id = ask("file_read", at("link"), "'stream':1");
	CHECK(error_of(id) == 0 && fact(id, "size") == 11 && fact(id, "mode") == 0640);
	UNTIL(&host, host.streams[1].eof);
	CHECK(host_data_is(&host, 1, "hello world"));
	CHECK(error_of(ask("file_read", at("r"), "'stream':2,'offset':6,'length':3")) == 0);
	UNTIL(&host, host.streams[2].eof);
	CHECK(host_data_is(&host, 2, "wor"));
	CHECK(error_of(ask("file_read", at("r"), "'stream':3,'offset':100")) == 0);
	UNTIL(&host, host.streams[3].eof);
	CHECK(host_data_is(&host, 3, ""));
	CHECK(error_of(ask("file_read", "/proc/self/status", "'stream':4")) == 0);
	UNTIL(&host, host.streams[4].eof);
	CHECK(host.streams[4].total > 100);
	host_stop(&host);
}

static void content_is_written(void)
{
	struct stat status;
	json_int_t id;

	fresh();
	id = ask("file_write", at("w"), "'stream':1");
	host_send_frame(&host, FRAME_DATA, 1, "abc", 3);
	CHECK(access(at("w"), F_OK) != 0);
	host_send_frame(&host, FRAME_EOF, 1, NULL, 0);
	CHECK(error_of(id) == 0 && fact(id, "size") == 3);
	CHECK(content_is("w", "abc") && stat(at("w"), &status) == 0 && (status.st_mode & 07777) == 0644);
	CHECK(chmod(at("w"), 0751) == 0 && symlink("w", at("wlink")) == 0);
	id = ask("file_write", at("wlink"), "'stream':2,'mtime_ns':1000000000000000005");
	host_send_frame(&host, FRAME_DATA, 2, "new", 3);
	host_send_frame(&host, FRAME_EOF, 2, NULL, 0);
	CHECK(error_of(id) == 0 && content_is("w", "new") && lstat(at("wlink"), &status) == 0 && S_ISLNK(status.st_mode));
	CHECK(stat(at("w"), &status) == 0 && (status.st_mode & 07777) == 0751);
	CHECK(status.st_mtim.tv_sec == 1000000000 && status.st_mtim.tv_nsec == 5);
	id = ask("file_write", at("w"), "'stream':3,'mode':384");
	host_send_frame(&host, FRAME_EOF, 3, NULL, 0);
	CHECK(error_of(id) == 0 && stat(at("w"), &status) == 0 && (status.st_mode & 07777) == 0600);
	CHECK(status.st_size == 0 && no_drafts());
	host_stop(&host);
}

static void large_content_passes(void)
{
	struct stat status;
	json_int_t id;

	fresh();
	host.keeps = false;
	id = ask("file_write", at("big"), "'stream':1");
	send_content(1, 50000000);
	host_send_frame(&host, FRAME_EOF, 1, NULL, 0);
	CHECK(error_of(id) == 0 && stat(at("big"), &status) == 0 && status.st_size == 50000000);
	id = ask("file_read", at("big"), "'stream':2");
	UNTIL(&host, host.streams[2].eof);
	CHECK(host.streams[2].total == 50000000 && fact(id, "size") == 50000000);
	host_stop(&host);
}

/* What the host gives up leaves no trace, and does not become the file. */
static void given_up_content_is_dropped(void)
{
	json_int_t id;

	fresh();
	make_file("old", "old", 0644);
	id = ask("file_write", at("old"), "'stream':1");
	host_send_frame(&host, FRAME_DATA, 1, "new", 3);
	host_send_number(&host, FRAME_RESET, 1, RESET_CANCELLED);
	CHECK(error_of(id) == ECANCELED && content_is("old", "old") && no_drafts());
	host.grants = false;
	CHECK(error_of(ask("file_read", "/dev/../proc/kallsyms", "'stream':2")) == 0);
	host_send_number(&host, FRAME_RESET, 2, RESET_CANCELLED);
	CHECK(host_call(&host, "health", "{}"));
	ask("file_write", at("old"), "'stream':3");
	host_send_frame(&host, FRAME_DATA, 3, "new", 3);
	host_hello(&host); /* the session ends in the middle */
	CHECK(host_call(&host, "health", "{}") && content_is("old", "old") && no_drafts());
	host_stop(&host);
}

static void what_is_no_file_is_refused(void)
{
	static char long_path[5000];

	fresh();
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[0] = '/';
	CHECK(mkfifo(at("fifo"), 0644) == 0 && mkdir(at("dir"), 0755) == 0 && symlink("gone", at("dangling")) == 0);
	CHECK(error_of(ask("file_read", at("fifo"), "'stream':1")) == EINVAL);
	CHECK(error_of(ask("file_read", "/dev/zero", "'stream':2")) == EINVAL);
	CHECK(error_of(ask("file_read", at("dir"), "'stream':3")) == EISDIR);
	CHECK(error_of(ask("file_read", at("none"), "'stream':4")) == ENOENT);
	CHECK(error_of(ask("file_read", at("dangling"), "'stream':5")) == ENOENT);
	CHECK(error_of(ask("file_read", long_path, "'stream':6")) == ENAMETOOLONG);
	CHECK(error_of(ask("file_write", at("fifo"), "'stream':7")) == EINVAL);
	CHECK(error_of(ask("file_write", "/dev/null", "'stream':8")) == EINVAL);
	CHECK(error_of(ask("file_write", at("dir"), "'stream':9")) == EISDIR);
	CHECK(error_of(ask("file_write", at("none/x"), "'stream':10")) == ENOENT);
	CHECK(error_of(ask("file_write", at("dangling"), "'stream':11")) == ENOENT);
	CHECK(error_of(ask("file_write", at("none/"), "'stream':12")) == EISDIR);
	CHECK(error_of(ask("file_write", long_path, "'stream':13")) == ENAMETOOLONG);
	CHECK(error_of(ask("file_write", "/proc/aegis", "'stream':14")) != 0);
	host_send_frame(&host, FRAME_DATA, 14, "late", 4);
	CHECK(error_of(ask("file_list", at("fifo"), "'stream':15")) == ENOTDIR);
	CHECK(host_call_code(&host, "file_read", "{'path':'x','stream':16}") == RPC_INVALID_PARAMS);
	CHECK(host_call_code(&host, "file_stat", "{'path':'/','user':'nonesuch'}") == RPC_INVALID_PARAMS);
	CHECK(host_call(&host, "health", "{}") && no_drafts());
	host_stop(&host);
}

/* Starts the harness where `small` is a file system of one megabyte. */
static void fresh_on_a_small_disk(void)
{
	static char script[PATH_MAX];
	static char words[][16] = {"unshare", "--mount", "--map-root-user", "sh", "-c"};
	char *program[32] = {words[0], words[1]};
	char **given = host_program;
	size_t count = 2;

	if (geteuid() != 0)
		program[count++] = words[2];
	snprintf(script, sizeof(script), "mount -t tmpfs -o size=1m none %s && exec \"$@\"", at("small"));
	program[count++] = words[3];
	program[count++] = words[4];
	program[count++] = script;
	program[count++] = words[3];
	for (size_t i = 0; given[i] != NULL && count < 24; i++)
		program[count++] = given[i];
	CHECK(mkdir(at("small"), 0755) == 0);
	host_program = program;
	fresh();
	host_program = given;
}

static void a_full_disk_is_told(void)
{
	json_int_t id;

	fresh_on_a_small_disk();
	id = ask("file_write", at("small/f"), "'stream':1");
	send_content(1, 3000000);
	CHECK(error_of(id) == ENOSPC);
	CHECK(error_of(ask("file_stat", at("small/f"), "")) == ENOENT);
	CHECK(error_of(ask("file_list", at("small"), "'stream':2")) == 0);
	UNTIL(&host, host.streams[2].eof);
	CHECK(host.streams[2].total == 0);
	host_stop(&host);
}

/* A worker that the kernel kills is a failure like any other. */
static void a_dead_worker_is_told(void)
{
	struct rlimit before;
	struct rlimit small;
	json_int_t id;

	CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
	small = before;
	small.rlim_cur = 100000;
	CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
	fresh();
	CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
	make_file("kept", "kept", 0644);
	id = ask("file_write", at("kept"), "'stream':1");
	send_content(1, 1200000);
	CHECK(error_of(id) == EIO && content_is("kept", "kept"));
	CHECK(host_call(&host, "health", "{}"));
	host_stop(&host);
	CHECK(system("rm -f /tmp/aegis-files-*/.aegis-*") == 0); /* it could not do this any more */
}

static uint64_t number_at(const uint8_t *bytes, int size)
{
	uint64_t number = 0;

	for (int i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

/* Finds an entry of a listing by its name; NULL when it is not there. Checks all before it. */
static const uint8_t *entry(uint32_t stream, const char *name)
{
	struct buffer *data = &host.streams[stream].data;
	const uint8_t *at_entry = buffer_front(data);
	const uint8_t *end = at_entry + data->size;

	while (at_entry < end) {
		size_t name_size = (size_t)number_at(at_entry + 27, 2);
		size_t target_size = (size_t)number_at(at_entry + 29, 2);

		CHECK(end - at_entry >= (ssize_t)(31 + name_size + target_size));
		if (name_size == strlen(name) && memcmp(at_entry + 31, name, name_size) == 0)
			return at_entry;
		at_entry += 31 + name_size + target_size;
	}
	return NULL;
}

static void directories_are_listed(void)
{
	const uint8_t *found;
	char name[32];

	fresh();
	CHECK(mkdir(at("list"), 0755) == 0 && mkdir(at("list/sub"), 0700) == 0);
	make_file("list/a b\nc", "12345", 0604);
	CHECK(symlink("/else where", at("list/ln")) == 0);
	CHECK(error_of(ask("file_list", at("list"), "'stream':1")) == 0);
	UNTIL(&host, host.streams[1].eof);
	found = entry(1, "a b\nc");
	CHECK(found != NULL && found[0] == '-' && number_at(found + 1, 2) == 0604 && number_at(found + 11, 8) == 5);
	CHECK(number_at(found + 19, 8) > 1600000000000000000ULL);
	found = entry(1, "sub");
	CHECK(found != NULL && found[0] == 'd' && number_at(found + 1, 2) == 0700);
	found = entry(1, "ln");
	CHECK(found != NULL && found[0] == 'l' && memcmp(found + 31 + 2, "/else where", 11) == 0);
	CHECK(entry(1, ".") == NULL && entry(1, "..") == NULL);
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "list/sub/f%d", i);
		make_file(name, "", 0644);
	}
	CHECK(error_of(ask("file_list", at("list/sub"), "'stream':2")) == 0);
	UNTIL(&host, host.streams[2].eof);
	CHECK(entry(2, "f0") != NULL && entry(2, "f4999") != NULL && entry(2, "f5000") == NULL);
	host_stop(&host);
}

static void the_tree_is_changed(void)
{
	struct stat status;
	json_int_t id;

	fresh();
	CHECK(error_of(ask("file_mkdir", at("t/u/v"), "")) == ENOENT);
	CHECK(error_of(ask("file_mkdir", at("t//u/v/"), "'deep':true,'mode':448")) == 0);
	CHECK(error_of(ask("file_mkdir", at("t/u/v"), "'deep':true")) == 0);
	CHECK(error_of(ask("file_mkdir", at("t/u/v"), "")) == EEXIST);
	CHECK(stat(at("t/u/v"), &status) == 0 && (status.st_mode & 07777) == 0700);
	make_file("t/u/v/file", "x", 0600);
	CHECK(error_of(ask("file_mkdir", at("t/u/v/file/w"), "'deep':true")) == ENOTDIR);
	CHECK(error_of(ask("file_symlink", at("t/ln"), "'to':'u/v/file'")) == 0);
	CHECK(error_of(ask("file_symlink", at("t/ln"), "'to':'x'")) == EEXIST);
	id = ask("file_stat", at("t/ln"), "");
	CHECK(fact(id, "size") == 1 && strcmp(text_fact(id, "type"), "-") == 0 && text_fact(id, "target") == NULL);
	id = ask("file_stat", at("t/ln"), "'follow':false");
	CHECK(strcmp(text_fact(id, "type"), "l") == 0 && strcmp(text_fact(id, "target"), "u/v/file") == 0);
	id = ask("file_stat", "/dev/null", "");
	CHECK(strcmp(text_fact(id, "type"), "c") == 0);
	make_file("t/other", "y", 0644);
	snprintf(name_of_other, sizeof(name_of_other), "'to':'%s','replace':false", at("t/other"));
	CHECK(error_of(ask("file_rename", at("t/u/v/file"), name_of_other)) == EEXIST);
	snprintf(name_of_other, sizeof(name_of_other), "'to':'%s'", at("t/other"));
	CHECK(error_of(ask("file_rename", at("t/u/v/file"), name_of_other)) == 0 && content_is("t/other", "x"));
	CHECK(error_of(ask("file_remove", at("t/u"), "")) == ENOTEMPTY);
	CHECK(error_of(ask("file_remove", at("t/none"), "'deep':true")) == ENOENT);
	CHECK(error_of(ask("file_remove", "/", "'deep':true")) == EBUSY);
	host_stop(&host);
}

/* Removing a tree does not go through the symlinks in it. */
static void trees_are_removed(void)
{
	fresh();
	CHECK(mkdir(at("kept-dir"), 0755) == 0 && mkdir(at("d"), 0755) == 0 && mkdir(at("d/e"), 0755) == 0);
	make_file("kept-dir/file", "kept", 0644);
	make_file("d/e/file", "x", 0444);
	CHECK(symlink(at("kept-dir"), at("d/e/ln")) == 0 && symlink(at("kept-dir"), at("lntop")) == 0);
	CHECK(error_of(ask("file_remove", at("lntop"), "'deep':true")) == 0);
	CHECK(error_of(ask("file_remove", at("d"), "'deep':true")) == 0);
	CHECK(access(at("d"), F_OK) != 0 && access(at("lntop"), F_OK) != 0 && content_is("kept-dir/file", "kept"));
	host_stop(&host);
}

static bool within_user_namespace(void)
{
	bool within = false;

	for (char **word = host_program; *word != NULL; word++)
		within |= strcmp(*word, "--user") == 0;
	return within;
}

/* The kernel decides what a user may; without the right to become one nothing is done at all. */
static void users_are_respected(void)
{
	const char *nobody = "'user':'65534:65534'";
	struct stat status;
	json_int_t id;

	fresh();
	if (geteuid() != 0 || within_user_namespace()) {
		id = ask("file_stat", "/", nobody);
		CHECK(error_of(id) == EPERM || error_of(id) == EINVAL);
		host_stop(&host);
		return;
	}
	make_file("secret", "secret", 0600);
	CHECK(chmod(place, 0755) == 0 && mkdir(at("theirs"), 0755) == 0 && chown(at("theirs"), 65534, 65534) == 0);
	CHECK(error_of(ask("file_read", at("secret"), "'stream':1,'user':'65534:65534'")) == EACCES);
	CHECK(error_of(ask("file_write", at("new"), "'stream':2,'user':'65534:65534'")) == EACCES);
	CHECK(error_of(ask("file_remove", at("secret"), nobody)) == EACCES && content_is("secret", "secret"));
	id = ask("file_write", at("theirs/f"), "'stream':3,'user':'65534:65534'");
	host_send_frame(&host, FRAME_EOF, 3, NULL, 0);
	CHECK(error_of(id) == 0 && stat(at("theirs/f"), &status) == 0 && status.st_uid == 65534 && status.st_gid == 65534);
	id = ask("file_write", at("theirs/f"), "'stream':4"); /* root keeps the owner of what it replaces */
	host_send_frame(&host, FRAME_EOF, 4, NULL, 0);
	CHECK(error_of(id) == 0 && stat(at("theirs/f"), &status) == 0 && status.st_uid == 65534);
	host_stop(&host);
}

/* Workers that wait for their host do not stand in the way of anything else, and there is an end to them. */
static void many_files_at_once(void)
{
	json_int_t ids[41];
	char more[32];
	char name[32];

	fresh();
	for (uint32_t i = 1; i <= 40; i++) {
		snprintf(more, sizeof(more), "'stream':%u", i);
		snprintf(name, sizeof(name), "many%u", i);
		ids[i] = ask("file_write", at(name), more);
	}
	CHECK(host_call(&host, "health", "{}"));
	for (uint32_t i = 40; i >= 1; i--) {
		host_send_frame(&host, FRAME_DATA, i, "x", 1);
		host_send_frame(&host, FRAME_EOF, i, NULL, 0);
		CHECK(error_of(ids[i]) == 0);
	}
	for (int i = 1; i <= 100; i++)
		ids[i % 41] = ask("file_stat", place, "");
	CHECK(host_call(&host, "health", "{}"));
	host_stop(&host);
}

static void remove_place(void)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -rf %s", place);
	CHECK(system(command) == 0);
}

int main(int argc, char **argv)
{
	CHECK(argc > 1 && mkdtemp(place) != NULL);
	host_program = argv + 1;
	RUN(content_is_read);
	RUN(content_is_written);
	RUN(large_content_passes);
	RUN(given_up_content_is_dropped);
	RUN(what_is_no_file_is_refused);
	RUN(a_full_disk_is_told);
	RUN(a_dead_worker_is_told);
	RUN(directories_are_listed);
	RUN(the_tree_is_changed);
	RUN(trees_are_removed);
	RUN(users_are_respected);
	RUN(many_files_at_once);
	remove_place();
	return 0;
}
