/* Users and groups: a bounded reader of passwd and group files, without glibc's NSS, which a static binary lacks. */
#include "process/users.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"

enum { FIELDS_MAX = 7, FIELD_HOME = 5, NAME_MAX_LENGTH = 255 };

/* A piece of text that is not terminated. */
struct span {
	const char *text;
	size_t size;
};

static bool equals(struct span span, const char *text)
{
	return span.size == strlen(text) && memcmp(span.text, text, span.size) == 0;
}

/* Cuts off the next piece, up to the separator. False: nothing is left. */
static bool next_piece(struct span *rest, char separator, struct span *piece)
{
	const char *end;

	if (rest->text == NULL)
		return false;
	piece->text = rest->text;
	end = rest->size == 0 ? NULL : memchr(rest->text, separator, rest->size);
	if (end == NULL) {
		piece->size = rest->size;
		rest->text = NULL;
		rest->size = 0;
		return true;
	}
	piece->size = (size_t)(end - rest->text);
	rest->size -= piece->size + 1;
	rest->text = end + 1;
	return true;
}

static bool read_id(struct span span, uint32_t *id)
{
	uint64_t value = 0;

	if (span.size == 0 || span.size > 10)
		return false;
	for (size_t i = 0; i < span.size; i++) {
		if (span.text[i] < '0' || span.text[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(span.text[i] - '0');
	}
	*id = (uint32_t)value;
	return value < UINT32_MAX; /* the highest number means "do not change" to the kernel */
}

/* The fields of the next line that has at least `min` of them. False: there is none. */
static bool next_entry(struct span *rest, struct span *fields, size_t min)
{
	struct span line;

	while (next_piece(rest, '\n', &line)) {
		size_t count = 0;

		while (count < FIELDS_MAX && next_piece(&line, ':', &fields[count]))
			count++;
		for (size_t i = count; i < FIELDS_MAX; i++)
			fields[i] = (struct span){NULL, 0};
		if (count >= min)
			return true;
	}
	return false;
}

static void take_home(struct span home, struct user *user)
{
	if (home.size == 0 || home.size >= USER_HOME_MAX || home.text[0] != '/' || memchr(home.text, '\0', home.size) != NULL)
		return;
	memcpy(user->home, home.text, home.size);
	user->home[home.size] = '\0';
}

/* Finds a user by name or by number. `name` is set to the name in passwd. */
static bool find_user(struct span passwd, const char *wanted, struct user *user, struct span *name)
{
	struct span fields[FIELDS_MAX];
	uint32_t number = 0;
	bool is_number = read_id((struct span){wanted, strlen(wanted)}, &number);
	uint32_t uid;
	uint32_t gid;

	*name = (struct span){NULL, 0};
	while (next_entry(&passwd, fields, 4)) {
		if (!read_id(fields[2], &uid) || !read_id(fields[3], &gid))
			continue;
		if (!equals(fields[0], wanted) && !(is_number && uid == number))
			continue;
		user->uid = uid;
		user->gid = gid;
		*name = fields[0];
		take_home(fields[FIELD_HOME], user);
		return true;
	}
	user->uid = number;
	user->gid = 0;
	return is_number;
}

static bool find_group(struct span group, const char *wanted, gid_t *gid)
{
	struct span fields[FIELDS_MAX];
	uint32_t number;

	while (next_entry(&group, fields, 3))
		if (equals(fields[0], wanted) && read_id(fields[2], &number)) {
			*gid = number;
			return true;
		}
	if (!read_id((struct span){wanted, strlen(wanted)}, &number))
		return false;
	*gid = number;
	return true;
}

static bool lists(struct span members, struct span name)
{
	struct span member;

	while (next_piece(&members, ',', &member))
		if (member.size == name.size && memcmp(member.text, name.text, name.size) == 0)
			return true;
	return false;
}

static void collect_groups(struct span group, struct span name, struct user *user)
{
	struct span fields[FIELDS_MAX];
	uint32_t gid;

	user->groups[0] = user->gid;
	user->group_count = 1;
	while (name.size > 0 && user->group_count < GROUPS_MAX && next_entry(&group, fields, 4))
		if (lists(fields[3], name) && read_id(fields[2], &gid) && gid != user->gid)
			user->groups[user->group_count++] = gid;
}

bool users_find(const char *passwd, size_t passwd_size, const char *group, size_t group_size, const char *wanted,
		struct user *user)
{
	struct span groups = {group, group_size};
	char copy[NAME_MAX_LENGTH + 1];
	struct span name;
	char *colon;

	memset(user, 0, sizeof(*user));
	strcpy(user->home, "/");
	if (strlen(wanted) > NAME_MAX_LENGTH || wanted[0] == '\0')
		return false;
	strcpy(copy, wanted);
	colon = strchr(copy, ':');
	if (colon != NULL)
		*colon = '\0';
	if (!find_user((struct span){passwd, passwd_size}, copy, user, &name))
		return false;
	if (colon != NULL && !find_group(groups, colon + 1, &user->gid))
		return false;
	collect_groups(groups, colon == NULL ? name : (struct span){NULL, 0}, user);
	return true;
}

static void read_file(const char *path, struct buffer *content)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = 1;

	while (fd >= 0 && got > 0 && content->size < USER_FILE_MAX) {
		got = read(fd, buffer_room(content, 16384), 16384);
		if (got > 0)
			buffer_grew(content, (size_t)got);
	}
	if (fd >= 0)
		close(fd);
}

bool users_look_up(const char *wanted, struct user *user)
{
	struct buffer passwd = {0};
	struct buffer group = {0};
	bool found;

	read_file("/etc/passwd", &passwd);
	read_file("/etc/group", &group);
	found = users_find((const char *)passwd.bytes, passwd.size, (const char *)group.bytes, group.size, wanted, user);
	buffer_clear(&passwd);
	buffer_clear(&group);
	return found;
}

bool users_become(const struct user *user)
{
	return setgroups(user->group_count, user->groups) == 0 && setgid(user->gid) == 0 && setuid(user->uid) == 0;
}
