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

int main(int argc, char **argv)
{
	CHECK(argc > 1);
	make_place();
	host_program = argv + 1;
	RUN(directories_are_listed);
	RUN(the_tree_is_changed);
	RUN(trees_are_removed);
	RUN(trees_become_archives);
	remove_place();
	return 0;
}
