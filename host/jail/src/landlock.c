/*
 * The second wall around the file system, and the first where there are no namespaces: whatever the program opens lies below
 * its places. It connects to no TCP port and to no abstract socket, and signals no process outside. It does not keep the program
 * from connecting to a socket that has a path.
 */
#include "jail.h"

#include <linux/landlock.h>

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define DEVICES (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_IOCTL_DEV)

static const uint64_t WANTED[] = {
	[PROGRAM] = READ | LANDLOCK_ACCESS_FS_EXECUTE,
	[READ_ONLY] = READ,
	[READ_WRITE] = ~(uint64_t)(LANDLOCK_ACCESS_FS_EXECUTE | DEVICES),
	[DEVICE] = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_IOCTL_DEV,
};

/* What can be allowed for something that is no directory. */
static const uint64_t OF_FILES = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE
	| LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_IOCTL_DEV;

void restrict_files(const struct options *options)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1) {
		say("wall landlock no %m");
		return;
	}
	uint64_t known = (LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1) | (version >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0)
		| (version >= 3 ? LANDLOCK_ACCESS_FS_TRUNCATE : 0) | (version >= 5 ? LANDLOCK_ACCESS_FS_IOCTL_DEV : 0);
	struct landlock_ruleset_attr handled = {
		.handled_access_fs = known,
		.handled_access_net = version >= 4 ? LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP : 0,
		.scoped = version >= 6 ? LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL : 0,
	};
	int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
	for (size_t i = 0; i < options->place_count; i++) {
		const struct place *place = &options->places[i];
		int parent = place->target == NULL ? place->tree : open(place->target, O_PATH | O_CLOEXEC);
		struct stat found;
		must(parent >= 0 && fstat(parent, &found) == 0, "cannot open %s: %m", place->source);
		uint64_t rights = WANTED[place->kind] & known & (S_ISDIR(found.st_mode) ? ~(uint64_t)0 : OF_FILES);
		struct landlock_path_beneath_attr rule = {rights, parent};
		must(syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0,
			"cannot allow %s: %m", place->source);
	}
	must(syscall(SYS_landlock_restrict_self, rules, 0) == 0, "cannot restrict itself by Landlock: %m");
	say("wall landlock yes version %ld", version);
}
