/* Directories and trees, against a running harness. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "place.h"

static char name_of_other[PATH_MAX + 32];

static uint64_t number_at(const uint8_t *bytes, int size)
{
	uint64_t number = 0;

	for (int i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

/* Finds an entry of a listing by name, or NULL. Checks the entries before it. */
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
	CHECK(symlink("u/v/file", at("t/ln")) == 0);
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

/* Removing a tree does not follow the symlinks in it. */
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

/* Unpacked by tar(1): links, long names and times come back; what a layer would take for a mark is left out. */
static void trees_become_archives(void)
{
	static char long_name[200];
	struct buffer *data = &host.streams[1].data;
	char command[3 * PATH_MAX];
	struct stat one;
	struct stat other;
	FILE *file;

	fresh();
	memset(long_name, 'n', sizeof(long_name) - 1);
	memcpy(long_name, "tree/", 5);
	CHECK(mkdir(at("tree"), 0755) == 0 && mkdir(at("tree/sub"), 0700) == 0 && mkdir(at("out"), 0755) == 0);
	make_file("tree/sub/file", "12345", 0604);
	make_file(long_name, "long", 0644);
	make_file("tree/.wh.file", "", 0644);
	make_file("tree/changed", "by the host", 0644);
	CHECK(link(at("tree/sub/file"), at("tree/again")) == 0 && symlink("sub/file", at("tree/ln")) == 0);
	CHECK(error_of(ask("file_archive", at("tree"), "'stream':1,'part':'all','originals':['/changed']")) == 0);
	UNTIL(&host, host.streams[1].eof);
	CHECK(data->size % 512 == 0);
	file = fopen(at("tar"), "w");
	CHECK(file != NULL && fwrite(buffer_front(data), 1, data->size, file) == data->size && fclose(file) == 0);
	snprintf(command, sizeof(command), "tar -xpf %s -C %s && mv %s %s", at("tar"), at("out"), at("tree"), at("before"));
	CHECK(system(command) == 0 && rename(at("out"), at("tree")) == 0);
	CHECK(content_is("tree/sub/file", "12345") && content_is("tree/ln", "12345") && content_is(long_name, "long"));
	CHECK(stat(at("tree/sub/file"), &one) == 0 && stat(at("tree/again"), &other) == 0);
	CHECK(one.st_ino == other.st_ino && (one.st_mode & 07777) == 0604);
	CHECK(stat(at("before/sub"), &other) == 0 && stat(at("tree/sub"), &one) == 0 && one.st_mode == other.st_mode);
	CHECK(access(at("tree/.wh.file"), F_OK) != 0 && access(at("tree/changed"), F_OK) != 0);
	CHECK(error_of(ask("file_archive", "/", "'stream':2,'part':'own'")) == EBADF);
	host_stop(&host);
}

static char shell_text[4 * PATH_MAX];

/* Runs a command in the place of these tests. */
static bool shell(const char *command)
{
	snprintf(shell_text, sizeof(shell_text), "cd %s && { %s; } 2>/dev/null", place, command);
	return system(shell_text) == 0;
}

/* Sends the first bytes of the file `tar` to be unpacked into the directory `into`. */
static json_int_t unpack(uint32_t stream, const char *into, size_t most)
{
	static char bytes[20480];
	FILE *file = fopen(at("tar"), "r");
	char more[32];
	json_int_t id;
	size_t size;

	CHECK(file != NULL);
	size = fread(bytes, 1, most < sizeof(bytes) ? most : sizeof(bytes), file);
	fclose(file);
	snprintf(more, sizeof(more), "'stream':%u", stream);
	id = ask("file_unpack", at(into), more);
	host_send_frame(&host, FRAME_DATA, stream, bytes, size);
	host_send_frame(&host, FRAME_EOF, stream, NULL, 0);
	return id;
}

/* Of a call that was refused: which path it is about. */
static const char *path_of(json_int_t id)
{
	json_t *error = json_object_get(host_answer(&host, id), "error");

	return json_string_value(json_object_get(json_object_get(error, "data"), "path"));
}

static const char *sentence_of(json_int_t id)
{
	return json_string_value(json_object_get(json_object_get(host_answer(&host, id), "error"), "message"));
}

static const char *const forms[] = {"pax", "gnu", "ustar", "oldgnu", "v7"};

/* In each form that tar(1) writes; the last three have no room for long names. */
static void archives_become_trees(void)
{
	struct stat one;
	struct stat other;
	char make[512];
	json_int_t id;

	fresh();
	for (uint32_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		CHECK(shell("rm -rf in to && mkdir -p in/d/e to/d && cd in && echo old >../to/d/f && ln -s gone ../to/ln &&"
			    "echo content >d/f && chmod 4754 d/f && touch -d @1577934245 d/f && ln d/f hard && ln -s d/f ln &&"
			    "chmod 0555 d/e && chmod 0640 ../to/d/f"));
		if (i < 2)
			CHECK(shell("cd in && echo long >d/$(printf %0150d 1) && ln -s $(printf %0150d 2) long"));
		snprintf(make, sizeof(make), "cd in && tar -c --format=%s -f ../tar .", forms[i]);
		CHECK(shell(make));
		id = unpack(i + 1, "to", SIZE_MAX);
		CHECK(error_of(id) == 0 && fact(id, "files") == (i < 2 ? 3 : 2) && fact(id, "directories") == 2);
		CHECK(fact(id, "symlinks") == (i < 2 ? 2 : 1) && fact(id, "bytes") == (i < 2 ? 21 : 16));
		CHECK(shell("diff -r --no-dereference in to && test $(readlink to/ln) = d/f"));
		CHECK(stat(at("to/d/f"), &one) == 0 && stat(at("to/hard"), &other) == 0 && one.st_ino != other.st_ino);
		CHECK((one.st_mode & 07777) == 0754 && one.st_mtim.tv_sec == 1577934245);
		CHECK(stat(at("to/d/e"), &one) == 0 && (one.st_mode & 07777) == 0755);
	}
	CHECK(shell("test -z \"$(find to -name '.aegis-*')\""));
	host_stop(&host);
}

struct hostile {
	const char *make; /* in `in`, where a file f is; `out` beside it is untouched */
	int error;
	const char *path; /* that the refusal names */
};

static const struct hostile hostiles[] = {
	{"tar -cPf ../tar --transform 's,^,../,' f", EBADMSG, "../f"},
	{"tar -cPf ../tar --transform 's,^,a/../../out/,' f", EBADMSG, "a/../../out/f"},
	{"ln -s ../out l; tar -cf ../tar l; tar -rf ../tar --transform 's,^,l/,' f", EBADMSG, "l/f"},
	{"ln -s ../out l; tar -cf ../tar l; tar -rf ../tar --transform 's,f,l,' f", 0, NULL},
	{"ln f g; tar -cPf ../tar --transform 's,^f,../out/kept,;s,^,,h' f g", EBADMSG, "../out/kept"},
	{"mkfifo p; tar -cf ../tar p", EBADMSG, "p"},
	{"truncate -s 1M s; tar -cSf ../tar s", EBADMSG, "s"},
	{"tar -cf ../tar --transform 's,f,dir,' f", EISDIR, "dir"},
	{"tar -cf ../tar --transform 's,f,file/f,' f", ENOTDIR, "file/f"},
	{"tar -czf ../tar f", EBADMSG, NULL},
	{"tar -cf ../tar --pax-option=path:=$(printf %05000d 1) f", EBADMSG, NULL},
};

/* What leads out, and what is no file, is refused; what is outside stays as it was. */
static void hostile_archives_are_refused(void)
{
	fresh();
	for (uint32_t i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++) {
		const struct hostile *each = &hostiles[i];
		char make[512];
		json_int_t id;

		CHECK(shell("rm -rf in to out && mkdir -p in to/dir/full out && echo evil >in/f && echo kept >out/kept &&"
			    "echo file >to/file"));
		snprintf(make, sizeof(make), "cd in && %s", each->make);
		CHECK(shell(make));
		id = unpack(i + 1, "to", SIZE_MAX);
		CHECK(error_of(id) == each->error);
		if (each->path != NULL)
			CHECK(path_of(id) != NULL && strcmp(path_of(id), each->path) == 0);
		CHECK(content_is("out/kept", "kept\n") && content_is("to/file", "file\n") && shell("test $(ls out) = kept"));
	}
	host_stop(&host);
}

/* Cut anywhere, and given up: no file is there that is not whole, and nothing half-made. */
static void archives_that_break_off_leave_nothing_half_made(void)
{
	json_int_t id;

	fresh();
	CHECK(shell("rm -rf in to && mkdir in to && head -c 5000 /dev/zero >in/f && tar -C in -cf tar f"));
	for (uint32_t i = 1; i < 12; i++) {
		id = unpack(i, "to", i * 500);
		CHECK(error_of(id) == EBADMSG && shell("test -z \"$(ls -A to)\""));
	}
	id = ask("file_unpack", at("to"), "'stream':20");
	host_send_frame(&host, FRAME_RESET, 20, "\0\0\0\1", 4);
	CHECK(error_of(id) == ECANCELED && shell("test -z \"$(ls -A to)\""));
	CHECK(error_of(unpack(21, "in/f", SIZE_MAX)) == ENOTDIR && error_of(unpack(22, "none", SIZE_MAX)) == ENOENT);
	host_stop(&host);
}

/* For a copy: as a user sees it, of which tar(1) makes the same. */
static void trees_are_packed_for_a_copy(void)
{
	json_int_t id;
	FILE *file;

	fresh();
	CHECK(shell("rm -rf in to && mkdir -p in/sub/dir to && cd in && echo 1 >sub/a && ln sub/a b && ln -s a sub/ln &&"
		    "mkfifo p && echo mark >.wh.a && head -c 3000000 /dev/urandom >big && ln -s sub way"));
	id = ask("file_pack", at("in"), "'stream':1,'name':'called'");
	CHECK(error_of(id) == 0 && strcmp(text_fact(id, "type"), "d") == 0);
	UNTIL(&host, host.streams[1].eof);
	file = fopen(at("tar"), "w");
	CHECK(file != NULL &&
	      fwrite(buffer_front(&host.streams[1].data), 1, host.streams[1].data.size, file) > 0 && fclose(file) == 0);
	CHECK(shell("rm in/p && tar -C to -xf tar && diff -r --no-dereference in to/called"));
	CHECK(shell("test $(stat -c %h to/called/b) = 1"));
	CHECK(error_of(ask("file_pack", at("in/way"), "'stream':2,'name':'way'")) == 0);
	UNTIL(&host, host.streams[2].eof);
	CHECK(memcmp(buffer_front(&host.streams[2].data), "way/", 5) == 0);
	CHECK(error_of(ask("file_pack", "/proc/version", "'stream':3,'name':'v'")) == 0);
	UNTIL(&host, host.streams[3].eof && host.streams[3].data.size == 2048);
	CHECK(error_of(ask("file_pack", "/dev/null", "'stream':4,'name':'n'")) == EINVAL);
	CHECK(error_of(ask("file_pack", at("none"), "'stream':5,'name':'n'")) == ENOENT);
	id = ask("file_pack", at("in"), "'stream':6,'name':'a/b'");
	CHECK(json_integer_value(json_object_get(json_object_get(host_answer(&host, id), "error"), "code")) == -32602);
	host_stop(&host);
}

/* With short names, a path is far from being too long then; but each level takes a descriptor. */
static void trees_of_too_many_levels_are_refused(void)
{
	json_int_t id;

	fresh();
	CHECK(shell("rm -rf in && mkdir -p in/$(printf 'd/%.0s' $(seq 400))"));
	CHECK(error_of(ask("file_pack", at("in"), "'stream':1,'name':'called'")) == 0);
	CHECK(shell("mkdir in/$(printf 'd/%.0s' $(seq 401))"));
	id = ask("file_pack", at("in"), "'stream':2,'name':'called'");
	CHECK(error_of(id) == ELOOP && strncmp(path_of(id), "called/d/d/", 11) == 0);
	CHECK(strncmp(sentence_of(id), "send so deep a tree: ", 21) == 0);
	host_stop(&host);
}

int main(int argc, char **argv)
{
	CHECK(argc > 1);
	make_place();
	host_program = argv + 1;
	RUN(directories_are_listed);
	RUN(the_tree_is_changed);
	RUN(trees_are_removed);
	RUN(trees_become_archives);
	RUN(archives_become_trees);
	RUN(hostile_archives_are_refused);
	RUN(archives_that_break_off_leave_nothing_half_made);
	RUN(trees_are_packed_for_a_copy);
	RUN(trees_of_too_many_levels_are_refused);
	remove_place();
	return 0;
}
