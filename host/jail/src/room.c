/*
 * The file system that the program sees: a small tmpfs, read-only in the end, with mounts of what the program needs. No
 * mount gives more than its place: set-user-id programs, devices and (but for the program's own files) programs do not work.
 */
#include "jail.h"

#include <limits.h>
#include <sys/mount.h>

#define READ_ONLY_MOUNT (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

static const uint64_t ATTRIBUTES[] = {
	[PROGRAM] = READ_ONLY_MOUNT & ~(uint64_t)MOUNT_ATTR_NOEXEC,
	[READ_ONLY] = READ_ONLY_MOUNT,
	/* A library may be unpacked there. No program runs from it, by Landlock. */
	[READ_WRITE] = READ_ONLY_MOUNT & ~(uint64_t)(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC),
	[DEVICE] = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
};

static bool change(int tree, uint64_t attributes, int user_namespace)
{
	struct mount_attr change = {.attr_set = attributes, .userns_fd = (uint64_t)user_namespace};
	return mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &change, sizeof change) == 0;
}

/* Whoever can rename what is above a shared directory could have put something else in its place. */
static void check_share(const struct place *share)
{
	struct stat found;
	if (fstat(share->tree, &found) != 0 || !S_ISDIR(found.st_mode) || found.st_dev != share->device
	    || found.st_ino != share->inode)
		fail("%s was exchanged for something else", share->source);
}

/* Where there is no room of its own, the program finds what it shares by a descriptor just as well. */
void open_share(struct place *share)
{
	share->tree = open(share->source, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	check_share(share);
}

/* Returns whether the mount has the owners of user_namespace, if any. */
static bool clone_tree(struct place *place, int user_namespace)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | (place->target == NULL ? AT_SYMLINK_NOFOLLOW : 0);
	place->tree = open_tree(AT_FDCWD, place->source, flags);
	uint64_t attributes = ATTRIBUTES[place->kind] | (place->target == NULL ? MOUNT_ATTR_NOEXEC : 0);
	if (place->tree < 0 || !change(place->tree, attributes, 0))
		fail("cannot mount %s: %m", place->source);
	if (place->target == NULL)
		check_share(place);
	/* Device nodes have no mapped owners; root makes the program one of its own. */
	if (user_namespace < 0 || place->kind == DEVICE || change(place->tree, MOUNT_ATTR_IDMAP, user_namespace))
		return true;
	say("wall uid no %s cannot be mounted with mapped owners: %m", place->source);
	return false;
}

static bool clone_trees(struct options *options, int user_namespace)
{
	for (size_t i = 0; i < options->place_count; i++) {
		if (!clone_tree(&options->places[i], user_namespace))
			return false;
	}
	return options->share.source == NULL || clone_tree(&options->share, user_namespace);
}

static int make_file_system(const char *type, const char *option, const char *setting, unsigned attributes)
{
	int context = fsopen(type, FSOPEN_CLOEXEC);
	if (context < 0 || fsconfig(context, FSCONFIG_SET_STRING, option, setting, 0) != 0
	    || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
		fail("cannot make a %s: %m", type);
	int made = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	if (made < 0)
		fail("cannot mount a %s: %m", type);
	return made;
}

static void attach(int tree, int directory, const char *path)
{
	if (move_mount(tree, "", directory, path, MOVE_MOUNT_F_EMPTY_PATH) != 0)
		fail("cannot attach a mount at %s: %m", path);
}

/* What is there already may be a mount that cannot be written to; what could not be made is missed when it is used. */
static void make_parents(int root, const char *path)
{
	char parent[PATH_MAX];
	snprintf(parent, sizeof parent, "%s", path);
	for (char *slash = strchr(parent, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdirat(root, parent, 0755);
		*slash = '/';
	}
}

static void attach_place(const struct place *place, int root, uid_t own_user)
{
	const char *path = place->target + 1;
	struct stat found;
	if (fstat(place->tree, &found) != 0)
		fail("cannot look at %s: %m", place->source);
	make_parents(root, path);
	if (place->kind == DEVICE && own_user != 0) {
		if (mknodat(root, path, S_IFCHR | 0600, found.st_rdev) != 0 || fchownat(root, path, own_user, own_user, 0) != 0)
			fail("cannot make the device %s: %m", path);
		return;
	}
	if (S_ISDIR(found.st_mode))
		mkdirat(root, path, 0755);
	else
		mknodat(root, path, S_IFREG | 0600, 0);
	attach(place->tree, root, path);
}

/* The old root goes below the new one, which is where we are, and from there away. */
static void move_into(int root)
{
	if (fchdir(root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
		fail("cannot change the root: %m");
	struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
	if (mount_setattr(root, "", AT_EMPTY_PATH, &read_only, sizeof read_only) != 0)
		fail("cannot make the root read-only: %m");
}

bool build_room(struct options *options, int user_namespace)
{
	mode_t mask = umask(0);
	/* Nothing of it reaches the host's mounts. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0)
		fail("cannot part from the host's mounts: %m");
	bool mapped = clone_trees(options, user_namespace) && user_namespace >= 0;
	if (!mapped && user_namespace >= 0)
		clone_trees(options, -1);
	int root = make_file_system("tmpfs", "size", "256k", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	attach(root, AT_FDCWD, "/");
	for (size_t i = 0; i < options->place_count; i++)
		attach_place(&options->places[i], root, mapped ? options->uid : 0);
	mkdirat(root, "proc", 0755);
	attach(make_file_system("proc", "subset", "pid", READ_ONLY_MOUNT), root, "proc");
	if (symlinkat("usr/bin", root, "bin") != 0 || symlinkat("usr/lib", root, "lib") != 0
	    || symlinkat("usr/lib64", root, "lib64") != 0)
		fail("cannot make the links of a Debian root: %m");
	move_into(root);
	umask(mask);
	return mapped;
}
