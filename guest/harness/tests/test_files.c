/* Content of files, against a running harness: reading, writing, and failures of both. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel/rpc.h"
#include "check.h"
#include "place.h"

/* No unfinished file of ours is left. */
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
	host_send_input(&host, 1, 50000000);
	host_send_frame(&host, FRAME_EOF, 1, NULL, 0);
	CHECK(error_of(id) == 0 && stat(at("big"), &status) == 0 && status.st_size == 50000000);
	id = ask("file_read", at("big"), "'stream':2");
	UNTIL(&host, host.streams[2].eof);
	CHECK(host.streams[2].total == 50000000 && fact(id, "size") == 50000000);
	host_stop(&host);
}

enum { MIB = 1 << 20, PATTERN = 3 * MIB + 5 };

/* A range of a file with the pattern arrives completely and in order. */
static void part_is_read(uint32_t stream, size_t offset, size_t length)
{
	struct host_stream *from = &host.streams[stream];
	char more[96];
	size_t expected = offset + length > PATTERN ? PATTERN - offset : length;

	snprintf(more, sizeof(more), "'stream':%u,'offset':%zu,'length':%zu", stream, offset, length);
	CHECK(error_of(ask("file_read", at("pattern"), more)) == 0);
	UNTIL(&host, from->eof);
	CHECK(from->total == expected);
	for (size_t i = 0; i < expected; i++)
		CHECK(buffer_front(&from->data)[i] == (uint8_t)((offset + i) % 251));
}

/* Whole chunks of a MiB bypass the page cache. Tests their edges, and ranges that are not aligned. */
static void whole_chunks_pass(void)
{
	static const size_t sizes[] = {MIB - 1, MIB, MIB + 1, 2 * MIB, 2 * MIB + 4096};
	static uint8_t pattern[PATTERN];
	int fd = open(at("pattern"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	json_int_t id;

	for (size_t i = 0; i < PATTERN; i++)
		pattern[i] = (uint8_t)(i % 251);
	CHECK(fd >= 0 && write(fd, pattern, PATTERN) == PATTERN && close(fd) == 0);
	fresh();
	part_is_read(1, 0, 4 * MIB);
	part_is_read(2, 1, 2 * MIB);
	part_is_read(3, 4096, 2 * MIB + 1);
	part_is_read(4, MIB, 2 * MIB);
	part_is_read(5, 100, 65540);
	part_is_read(6, PATTERN - 1, MIB);
	for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct stat status;
		char more[32];

		snprintf(more, sizeof(more), "'stream':%u", i + 10);
		id = ask("file_write", at("chunks"), more);
		host_send_input(&host, i + 10, sizes[i]);
		host_send_frame(&host, FRAME_EOF, i + 10, NULL, 0);
		CHECK(error_of(id) == 0 && stat(at("chunks"), &status) == 0 && status.st_size == (off_t)sizes[i]);
	}
	CHECK(no_drafts());
	host_stop(&host);
}

/* A write that the host cancels leaves no trace and does not replace the file. */
static void cancelled_content_is_dropped(void)
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
	host_hello(&host); /* the session ends in the middle of the write */
	CHECK(host_call(&host, "health", "{}") && content_is("old", "old") && no_drafts());
	host_stop(&host);
}

static void only_regular_files_are_opened(void)
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

static void a_full_disk_is_reported(void)
{
	json_int_t id;

	fresh_on_a_small_disk();
	id = ask("file_write", at("small/f"), "'stream':1");
	host_send_input(&host, 1, 3000000);
	CHECK(error_of(id) == ENOSPC);
	CHECK(error_of(ask("file_stat", at("small/f"), "")) == ENOENT);
	CHECK(error_of(ask("file_list", at("small"), "'stream':2")) == 0);
	UNTIL(&host, host.streams[2].eof);
	CHECK(host.streams[2].total == 0);
	host_stop(&host);
}

/* The end of a worker that was killed is reported like any failure. */
static void a_dead_worker_is_reported(void)
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
	host_send_input(&host, 1, 1200000);
	CHECK(error_of(id) == EIO && content_is("kept", "kept"));
	CHECK(host_call(&host, "health", "{}"));
	host_stop(&host);
	CHECK(system("rm -f /tmp/aegis-files-*/.aegis-*") == 0); /* the killed worker could not */
}

static bool within_user_namespace(void)
{
	bool within = false;

	for (char **word = host_program; *word != NULL; word++)
		within |= strcmp(*word, "--user") == 0;
	return within;
}

/* The kernel decides what a user may do. A harness that may not change users does nothing. */
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
	id = ask("file_write", at("theirs/f"), "'stream':4"); /* root keeps the owner of the replaced file */
	host_send_frame(&host, FRAME_EOF, 4, NULL, 0);
	CHECK(error_of(id) == 0 && stat(at("theirs/f"), &status) == 0 && status.st_uid == 65534);
	host_stop(&host);
}

/* Workers that wait for the host block nothing else, and their number is limited. */
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

int main(int argc, char **argv)
{
	CHECK(argc > 1);
	make_place();
	host_program = argv + 1;
	RUN(content_is_read);
	RUN(content_is_written);
	RUN(large_content_passes);
	RUN(whole_chunks_pass);
	RUN(cancelled_content_is_dropped);
	RUN(only_regular_files_are_opened);
	RUN(a_full_disk_is_reported);
	RUN(a_dead_worker_is_reported);
	RUN(users_are_respected);
	RUN(many_files_at_once);
	remove_place();
	return 0;
}
