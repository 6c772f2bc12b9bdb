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

/* A user who can rename what is above a shared directory could have put something else in its place. */
static void check_share(const struct place *share)
{
	struct stat found;
	unsigned long long device;
	unsigned long long inode;
	must(sscanf(share->identity, "%llu:%llu:", &device, &inode) == 2 && fstat(share->tree, &found) == 0
		&& S_ISDIR(found.st_mode) && found.st_dev == device && found.st_ino == inode,
		"%s was replaced by another file", share->source);
}

/* Where there is no room of its own, the program finds what it shares by a descriptor just as well. */
void open_share(struct place *share)
{
	share->tree = open(share->source, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	check_share(share);
}

static void clone_tree(struct place *place)
{
	bool share = place->identity != NULL;
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | (share ? AT_SYMLINK_NOFOLLOW : 0);
	place->tree = open_tree(AT_FDCWD, place->source, flags);
	uint64_t attributes = ATTRIBUTES[place->kind] | (share ? MOUNT_ATTR_NOEXEC : 0);
	must(place->tree >= 0 && change(place->tree, attributes, 0), "cannot mount %s: %m", place->source);
	if (share)
		check_share(place);
}

/* Returns whether all mounts have the owners of user_namespace; -1: none have. */
static bool clone_trees(struct options *options, int user_namespace)
{
	for (size_t i = 0; i < options->place_count; i++) {
		struct place *place = &options->places[i];
		clone_tree(place);
		/* Device nodes have no mapped owners; root makes the program one of its own. */
		if (user_namespace < 0 || place->kind == DEVICE || change(place->tree, MOUNT_ATTR_IDMAP, user_namespace))
			continue;
		say("wall uid no %s cannot be mounted with mapped owners: %m", place->source);
		return false;
	}
	return user_namespace >= 0;
}

/* What is there already may be a mount that cannot be written to; a mount point that could not be made is missed at the end. */
static void attach(const struct place *place, uid_t own_user)
{
	const char *path = place->target + 1;
	char parent[PATH_MAX];
	struct stat found;
	must(fstat(place->tree, &found) == 0, "cannot look at %s: %m", place->source);
	snprintf(parent, sizeof parent, "%s", path);
	for (char *slash = strchr(parent, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(parent, 0755);
		*slash = '/';
	}
	if (place->kind == DEVICE && own_user != 0) {
		must(mknod(path, S_IFCHR | 0600, found.st_rdev) == 0 && lchown(path, own_user, own_user) == 0,
			"cannot make the device %s: %m", path);
		return;
	}
	if (S_ISDIR(found.st_mode))
		mkdir(path, 0755);
	else
		mknod(path, S_IFREG | 0600, 0);
	must(move_mount(place->tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0, "cannot attach %s: %m", place->source);
}

bool build_room(struct options *options, int user_namespace)
{
	mode_t mask = umask(0);
	/* Nothing of it reaches the host's mounts, and none of what the host mounts later comes to it. */
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "cannot detach from the host's mounts: %m");
	bool mapped = user_namespace >= 0 && clone_trees(options, user_namespace);
	if (!mapped)
		clone_trees(options, -1);
	/* The new root lies on a directory that every host has. Paths without a slash in front are paths in it. */
	must(mount("tmpfs", "/proc", "tmpfs", MS_NOSUID | MS_NOEXEC, "size=256k") == 0 && chdir("/proc") == 0,
		"cannot mount a tmpfs: %m");
	for (size_t i = 0; i < options->place_count; i++) {
		if (options->places[i].target != NULL)
			attach(&options->places[i], mapped ? options->uid : 0);
	}
	if (options->several) {
		options->share = add_place(options, READ_ONLY, SHARES, SHARES);
		options->share->tree = open(&SHARES[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	add_place(options, READ_ONLY, "/proc", "/proc");
	mkdir("proc", 0755);
	must(mount("proc", "proc", "proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "subset=pid") == 0,
		"cannot mount a proc: %m");
	must(symlink("usr/bin", "bin") == 0 && symlink("usr/lib", "lib") == 0 && symlink("usr/lib64", "lib64") == 0,
		"cannot make the symlinks of the root directory: %m");
	/* The old root goes below the new one, which is where we are, and from there away. */
	must(syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 && chdir("/") == 0
		&& mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL) == 0,
		"cannot change the root: %m");
	umask(mask);
	say("wall namespaces yes");
	return mapped;
}
