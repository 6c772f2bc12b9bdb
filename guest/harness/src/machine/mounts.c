/* The file systems of the guest, from the initramfs to the overlay that programs see as their root. */
#include "machine/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "process/cgroup.h"

#define LOWER "/aegis/root"
#define DISK "/aegis/disk"
#define MERGED "/aegis/merged"

/* A kernel file system and where programs expect it. */
struct place {
	const char *type;
	const char *path;
	unsigned long flags;
	const char *options;
};

static const struct place first_places[] = {
	{"proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
	{"sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
	{"devtmpfs", "/dev", MS_NOSUID, "mode=0755"},
};

static const struct place other_places[] = {
	{"devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666"},
	{"tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777"},
	{"mqueue", "/dev/mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
	{"tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755"},
	{"cgroup2", "/sys/fs/cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC, "nsdelegate,memory_recursiveprot"},
};

static const char *const links[][2] = {
	{"/proc/self/fd", "/dev/fd"},
	{"/proc/self/fd/0", "/dev/stdin"},
	{"/proc/self/fd/1", "/dev/stdout"},
	{"/proc/self/fd/2", "/dev/stderr"},
	{"pts/ptmx", "/dev/ptmx"},
};

static bool done;
static bool skipped;
static int image_fd = -1;
static int disk_fd = -1;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void mount_place(const struct place *place)
{
	mkdir(place->path, 0755);
	if (mount(place->type, place->path, place->type, place->flags, place->options) != 0 && errno != EBUSY)
		log_line("mount %s: %s", place->path, strerror(errno));
}

void mounts_first(void)
{
	for (size_t i = 0; i < COUNT(first_places); i++)
		mount_place(&first_places[i]);
}

/* Mounts the two devices and the overlay of both, inside the initramfs. */
static int mount_overlay(const char *root, const char *disk, const char **step)
{
	char root_path[32];
	char disk_path[32];

	snprintf(root_path, sizeof(root_path), "/dev/%s", root);
	snprintf(disk_path, sizeof(disk_path), "/dev/%s", disk);
	mkdir("/aegis", 0755);
	mkdir(LOWER, 0755);
	mkdir(DISK, 0755);
	mkdir(MERGED, 0755);
	*step = "root";
	if (mount(root_path, LOWER, "erofs", MS_RDONLY, NULL) != 0)
		return errno;
	image_fd = open(LOWER, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	*step = "disk"; /* Freed blocks go back to the host. No background work of a fresh ext4. */
	if (mount(disk_path, DISK, "ext4", MS_NOATIME, "noinit_itable,no_prefetch_block_bitmaps,discard") != 0)
		return errno;
	disk_fd = open(DISK, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if ((mkdir(DISK "/upper", 0755) != 0 && errno != EEXIST) || (mkdir(DISK "/work", 0755) != 0 && errno != EEXIST))
		return errno;
	*step = "overlay"; /* xino: all files are on one device, as du -x and find -xdev take a file system to be. */
	if (mount("overlay", MERGED, "overlay", MS_NOATIME,
		  "xino=on,lowerdir=" LOWER ",upperdir=" DISK "/upper,workdir=" DISK "/work") != 0)
		return errno;
	return 0;
}

/* Undoes a mount_overlay that failed half way, so that it can be tried again. */
static void unmount_overlay(void)
{
	if (image_fd >= 0)
		close(image_fd);
	if (disk_fd >= 0)
		close(disk_fd);
	image_fd = disk_fd = -1;
	umount2(MERGED, MNT_DETACH);
	umount2(DISK, MNT_DETACH);
	umount2(LOWER, MNT_DETACH);
}

/* Moves /proc, /sys and /dev into the overlay and makes it the root. */
static int switch_root(void)
{
	for (size_t i = 0; i < COUNT(first_places); i++) {
		char target[64];

		snprintf(target, sizeof(target), MERGED "%s", first_places[i].path);
		mkdir(target, 0755);
		if (mount(first_places[i].path, target, NULL, MS_MOVE, NULL) != 0)
			return errno;
	}
	if (chdir(MERGED) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0)
		return errno;
	return 0;
}

static void fill_root(void)
{
	for (size_t i = 0; i < COUNT(other_places); i++)
		mount_place(&other_places[i]);
	for (size_t i = 0; i < COUNT(links); i++) {
		unlink(links[i][1]);
		if (symlink(links[i][0], links[i][1]) != 0)
			log_line("%s: %s", links[i][1], strerror(errno));
	}
	/* As udev has them. To do anything with one, a process needs more rights, or another program's help. */
	chmod("/dev/fuse", 0666);
	chmod("/dev/net/tun", 0666);
	mkdir("/run/lock", 01777);
	chmod("/run/lock", 01777);
	mkdir("/tmp", 01777);
	chmod("/tmp", 01777);
	mkdir("/root", 0700);
	mkdir("/workspace", 0755);
}

int mounts_enter_root(const char *root, const char *disk, const char **step)
{
	int outcome;

	outcome = mount_overlay(root, disk, step);
	if (outcome != 0) {
		unmount_overlay();
		return outcome;
	}
	*step = "switch_root";
	outcome = switch_root();
	if (outcome != 0)
		return outcome;
	fill_root();
	cgroup_prepare();
	done = true;
	return 0;
}

bool mounts_are_done(void)
{
	return done;
}

int mounts_image(void)
{
	return image_fd;
}

int mounts_disk(void)
{
	return disk_fd;
}

void mounts_skip(void)
{
	skipped = true;
	done = true;
}

void mounts_drop_device_caches(void)
{
	DIR *devices = skipped ? NULL : opendir("/sys/block");
	struct dirent *entry;

	while (devices != NULL && (entry = readdir(devices)) != NULL) {
		char path[300];
		int fd;

		if (strncmp(entry->d_name, "vd", 2) != 0)
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (ioctl(fd, BLKFLSBUF, 0) != 0)
			log_line("%s: %s", path, strerror(errno));
		close(fd);
	}
	if (devices != NULL)
		closedir(devices);
}

/* The disk's mount point is below the old root. Its descriptor still leads there. */
void mounts_make_readonly(void)
{
	char path[32];

	if (disk_fd < 0)
		return;
	mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", disk_fd);
	if (mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY, NULL) != 0 && ioctl(disk_fd, FIFREEZE, 0) != 0)
		log_line("the disk is not clean: %s", strerror(errno));
}
