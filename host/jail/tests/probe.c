/*
 * Runs in the place of the program in the jail and tries what an attacker who broke into it would. Each argument is an attempt:
 * NAME=WHAT. For each it prints "held NAME=WHAT (reason)" or "OPEN NAME=WHAT". It must be a static program.
 *
 * "victim DIRECTORY" makes it a process of the host instead, with something to attack; it prints what that is as attempts.
 * "socket" makes it a program that prints the content of the file that it is passed over its socket.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES_FD = 8, SHARE_FD = 9 };

/* An attempt returns a negative number, with the reason in errno, if it was refused. */
typedef int (*attempt)(const char *what);

static int try_read(const char *path)
{
	char byte;
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	return fd < 0 ? -1 : (int)read(fd, &byte, 1) - 1;
}

static int try_write(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_NONBLOCK, 0600);
}

static int try_list(const char *path)
{
	return opendir(path) == NULL ? -1 : 0;
}

/* From the shared directory upwards. */
static int try_above(const char *path)
{
	return openat(SHARE_FD, path, O_RDONLY);
}

static int try_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(path);
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
}

static int try_tcp(const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof address);
}

/* What refuses is to be the filter, not what the kernel has for the family. */
static int try_family(const char *number)
{
	int pair[2];
	bool refused = socket(atoi(number), SOCK_DGRAM, 0) < 0 && errno == EAFNOSUPPORT;
	return refused && socketpair(atoi(number), SOCK_DGRAM, 0, pair) < 0 && errno == EAFNOSUPPORT ? -1 : 0;
}

static int try_kill(const char *pid)
{
	return kill(atoi(pid), SIGURG);
}

static int try_limits_of(const char *pid)
{
	struct rlimit limit = {0, 0};
	return prlimit(atoi(pid), RLIMIT_CORE, &limit, NULL);
}

static int try_trace(const char *pid)
{
	return (int)ptrace(PTRACE_ATTACH, atoi(pid), 0, 0);
}

static int try_peek(const char *pid)
{
	char byte;
	struct iovec here = {&byte, 1};
	struct iovec there = {(void *)(uintptr_t)0x400000, 1};
	return (int)process_vm_readv(atoi(pid), &here, 1, &there, 1, 0);
}

static int try_shared_memory(const char *key)
{
	return shmget(atoi(key), 0, 0);
}

/* Whatever it does then, it was run. */
static int try_run(const char *path)
{
	int failed[2];
	int error = 0;
	if (pipe2(failed, O_CLOEXEC) != 0)
		return -1;
	pid_t child = fork();
	if (child == 0) {
		execl(path, path, (char *)NULL);
		_exit(write(failed[1], &errno, sizeof errno) < 0);
	}
	close(failed[1]);
	bool ran = child > 0 && read(failed[0], &error, sizeof error) == 0;
	close(failed[0]);
	waitpid(child, NULL, 0);
	errno = error;
	return ran ? 0 : -1;
}

static int try_mount(const char *path)
{
	return mount("none", path, "tmpfs", 0, NULL);
}

static int try_unshare(const char *flags)
{
	return unshare(atoi(flags));
}

/* In a new user namespace everybody is root: by clone(2), which a filter of unshare(2) would miss. */
static int try_clone(const char *flags)
{
	long child = syscall(SYS_clone, atol(flags) | SIGCHLD, NULL, NULL, NULL, NULL);
	if (child == 0)
		_exit(0);
	return (int)child;
}

static int try_host_name(const char *name)
{
	return sethostname(name, strlen(name));
}

static int try_uid(const char *uid)
{
	uid_t wanted = (uid_t)atoi(uid);
	return setresuid(wanted, wanted, wanted);
}

/* In the shared directory, by each way to a mode. */
static int try_set_uid_file(const char *name)
{
	int fd = openat(SHARE_FD, ".", O_RDONLY | O_DIRECTORY);
	int file = openat(fd, name, O_CREAT | O_RDWR, 04755);
	if (file >= 0)
		return file;
	file = openat(fd, name, O_CREAT | O_RDWR, 0755);
	if (file < 0)
		return -1; /* It is read-only. */
	struct stat found;
	if (fchmod(file, 06755) == 0 || fchmodat(fd, name, 04755, 0) == 0 || mknodat(fd, "node", S_IFREG | 02755, 0) == 0)
		return 0;
	int error = errno;
	fstat(file, &found);
	unlinkat(fd, name, 0);
	errno = error;
	return found.st_mode & (S_ISUID | S_ISGID) ? 0 : -1;
}

static int try_device(const char *path)
{
	return mknod(path, S_IFBLK | 0600, makedev(254, 0));
}

static int try_core(const char *bytes)
{
	struct rlimit limit = {(rlim_t)atol(bytes), (rlim_t)atol(bytes)};
	return setrlimit(RLIMIT_CORE, &limit);
}

/* What others who open the file would wait for. */
static int try_lease(const char *path)
{
	return fcntl(open(path, O_RDONLY), F_SETLEASE, F_RDLCK);
}

/* By a megabyte, in each way. A signal would end the probe. */
static int try_grow(const char *path)
{
	static const int MODES[] = {0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_INSERT_RANGE};
	int fd = open(path, O_RDWR);
	off_t end = lseek(fd, 0, SEEK_END);
	off_t beyond = end + (1 << 20);
	bool refused = pwrite(fd, "x", 1, beyond) < 0 && errno == EFBIG && ftruncate(fd, beyond) < 0 && errno == EFBIG;
	int error = errno;
	for (size_t i = 0; i < sizeof MODES / sizeof MODES[0]; i++) {
		bool insert = MODES[i] == FALLOC_FL_INSERT_RANGE;
		refused = refused && fallocate(fd, MODES[i], insert ? 0 : end, 1 << 20) < 0;
	}
	errno = error;
	return refused ? -1 : 0;
}

/* A path of the host as seen by another process. */
static int try_root_of(const char *pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%s/root/etc/passwd", pid);
	return open(path, O_RDONLY);
}

static const struct {
	const char *name;
	attempt run;
} ATTEMPTS[] = {
	{"read", try_read}, {"write", try_write}, {"list", try_list}, {"above", try_above}, {"unix", try_unix},
	{"tcp", try_tcp}, {"family", try_family}, {"kill", try_kill}, {"trace", try_trace}, {"peek", try_peek},
	{"root-of", try_root_of}, {"shared-memory", try_shared_memory}, {"run", try_run}, {"mount", try_mount},
	{"unshare", try_unshare}, {"clone", try_clone}, {"host-name", try_host_name}, {"uid", try_uid},
	{"set-uid-file", try_set_uid_file}, {"device", try_device}, {"core", try_core}, {"limits-of", try_limits_of},
	{"lease", try_lease}, {"grow", try_grow},
};

static void probe(const char *argument)
{
	const char *what = strchr(argument, '=');
	for (size_t i = 0; what != NULL && i < sizeof ATTEMPTS / sizeof ATTEMPTS[0]; i++) {
		size_t length = strlen(ATTEMPTS[i].name);
		if (strncmp(argument, ATTEMPTS[i].name, length) != 0 || argument[length] != '=')
			continue;
		errno = 0;
		if (ATTEMPTS[i].run(what + 1) < 0)
			printf("held %s (%s)\n", argument, strerror(errno));
		else
			printf("OPEN %s\n", argument);
		return;
	}
	printf("no such attempt: %s\n", argument);
}

static void listen_on(int family, const void *address, socklen_t length)
{
	int fd = socket(family, SOCK_STREAM, 0);
	if (bind(fd, address, length) != 0 || listen(fd, 64) != 0)
		_exit(1);
}

/* A program that others can see, trace and signal, and whose sockets and shared memory are open to its user. */
static int victim(const char *directory)
{
	struct sockaddr_un path = {.sun_family = AF_UNIX};
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	struct sockaddr_in port = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	snprintf(path.sun_path, sizeof path.sun_path, "%s/aegisd.sock", directory);
	int length = snprintf(name.sun_path, sizeof name.sun_path, "@aegis-probe-%d", (int)getpid());
	printf("unix=%s unix=%s ", path.sun_path, name.sun_path);
	name.sun_path[0] = '\0';
	listen_on(AF_UNIX, &path, sizeof path);
	listen_on(AF_UNIX, &name, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length));
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t size = sizeof port;
	if (bind(tcp, (struct sockaddr *)&port, size) != 0 || listen(tcp, 64) != 0)
		return 1;
	getsockname(tcp, (struct sockaddr *)&port, &size);
	int memory = shmget(getpid(), 4096, IPC_CREAT | 0600);
	int pid = getpid();
	printf("tcp=%d shared-memory=%d kill=%d root-of=%d limits-of=%d trace=%d\n", ntohs(port.sin_port), pid, pid, pid, pid, pid);
	fflush(stdout);
	while (getchar() != EOF) /* Until the test ends. */
		;
	return shmctl(memory, IPC_RMID, NULL);
}

static int expect(const char *line, int *passed)
{
	char text[256];
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr header;
	} control;
	struct iovec bytes = {text, sizeof text - 1};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t length = recvmsg(FILES_FD, &message, 0);
	text[length < 0 ? 0 : length] = '\0';
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header != NULL && passed != NULL)
		memcpy(passed, CMSG_DATA(header), sizeof *passed);
	return strcmp(text, line) == 0 ? 0 : -1;
}

static int take_file(void)
{
	int file = -1;
	char content[64] = "";
	if (expect("hello\n", NULL) != 0)
		return 1;
	dprintf(FILES_FD, "welcome\n");
	if (expect("take it\n", &file) != 0 || read(file, content, sizeof content - 1) < 0)
		return 2;
	dprintf(FILES_FD, "taken\n");
	printf("content %s mode %d\n", content, fcntl(file, F_GETFL) & O_ACCMODE);
	return read(FILES_FD, content, 1) != 0 ? 3 : 0;
}

/* Tries to outlive its launcher. */
static int wait_forever(void)
{
	prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	printf("waits\n");
	return pause();
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && strcmp(argv[1], "victim") == 0)
		return victim(argv[2]);
	if (argc == 2 && strcmp(argv[1], "socket") == 0)
		return take_file();
	if (argc == 2 && strcmp(argv[1], "wait") == 0)
		return wait_forever();
	if (argc == 2 && strcmp(argv[1], "die") == 0)
		return kill(getpid(), SIGKILL) == 0 && syscall(SYS_exit_group, 42) == 0;
	for (int i = 1; i < argc; i++)
		probe(argv[i]);
	return 7;
}
