/*
 * A filter of system calls (seccomp(2)), which stands whatever else does.
 *
 * No file can get the set-user-id or set-group-id bit: a guest could otherwise leave a program in a shared directory that
 * gives whoever starts it the rights of its owner. No call that makes or enters namespaces or mounts, looks into other
 * processes, or is a large part of the kernel that a VM has no use for. No sockets but unix ones. The program's own filter,
 * which QEMU adds, forbids more.
 */
#include "jail.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define MODE_BITS (S_ISUID | S_ISGID)
#define NEW_NAMESPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
enum { X32_BIT = 0x40000000, FCHMODAT2 = 452 };

/* Calls that fail when their argument has one of these bits. */
static const struct {
	unsigned call, argument, bits;
} BY_BITS[] = {
	{SYS_creat, 1, MODE_BITS}, {SYS_chmod, 1, MODE_BITS}, {SYS_fchmod, 1, MODE_BITS}, {SYS_mknod, 1, MODE_BITS},
	{SYS_open, 2, MODE_BITS}, {SYS_mknodat, 2, MODE_BITS}, {SYS_fchmodat, 2, MODE_BITS}, {FCHMODAT2, 2, MODE_BITS},
	{SYS_openat, 3, MODE_BITS}, {SYS_clone, 0, NEW_NAMESPACES},
};

/* What they would do lies in memory, where a filter cannot look. Whoever gets ENOSYS takes an older call. */
static const unsigned MISSING[] = {SYS_openat2, SYS_clone3, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register};

static const unsigned REFUSED[] = {
	SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_move_mount, SYS_open_tree, SYS_fsopen,
	SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev,
	SYS_kcmp, SYS_pidfd_getfd, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_add_key, SYS_request_key, SYS_keyctl,
	SYS_open_by_handle_at, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_kexec_file_load,
	SYS_swapon, SYS_swapoff, SYS_reboot, SYS_acct, SYS_quotactl, SYS_syslog, SYS_settimeofday, SYS_clock_settime,
	SYS_sethostname, SYS_setdomainname, SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_vhangup,
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
static struct sock_filter code[12 + 5 * COUNT(BY_BITS) + 2 * (COUNT(MISSING) + COUNT(REFUSED))];
static unsigned short length;

static void add(unsigned short operation, unsigned operand, unsigned char if_true, unsigned char if_false)
{
	code[length++] = (struct sock_filter)BPF_JUMP(operation, operand, if_true, if_false);
}

#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define IF(test) (BPF_JMP | BPF_##test | BPF_K)
#define ANSWER (BPF_RET | BPF_K)
/* The lower half of a 64-bit argument comes first. */
#define ARGUMENT(number) ((unsigned)offsetof(struct seccomp_data, args) + (number) * (unsigned)sizeof(uint64_t))

static void refuse(const unsigned *calls, size_t count, unsigned error)
{
	for (size_t i = 0; i < count; i++) {
		add(IF(JEQ), calls[i], 0, 1);
		add(ANSWER, SECCOMP_RET_ERRNO | error, 0, 0);
	}
}

void restrict_calls(void)
{
	add(LOAD, offsetof(struct seccomp_data, arch), 0, 0);
	add(IF(JEQ), AUDIT_ARCH_X86_64, 1, 0);
	add(ANSWER, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
	add(LOAD, offsetof(struct seccomp_data, nr), 0, 0);
	add(IF(JGE), X32_BIT, 0, 1);
	add(ANSWER, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
	for (size_t i = 0; i < COUNT(BY_BITS); i++) {
		add(IF(JEQ), BY_BITS[i].call, 0, 4); /* Another call goes on behind, its number still loaded. */
		add(LOAD, ARGUMENT(BY_BITS[i].argument), 0, 0);
		add(IF(JSET), BY_BITS[i].bits, 0, 1);
		add(ANSWER, SECCOMP_RET_ERRNO | EPERM, 0, 0);
		add(ANSWER, SECCOMP_RET_ALLOW, 0, 0);
	}
	refuse(MISSING, COUNT(MISSING), ENOSYS);
	refuse(REFUSED, COUNT(REFUSED), EPERM);
	add(IF(JEQ), SYS_socket, 0, 3);
	add(LOAD, ARGUMENT(0), 0, 0);
	add(IF(JEQ), AF_UNIX, 1, 0);
	add(ANSWER, SECCOMP_RET_ERRNO | EAFNOSUPPORT, 0, 0);
	add(ANSWER, SECCOMP_RET_ALLOW, 0, 0);
	struct sock_fprog filter = {length, code};
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
		fail("cannot set the filter of system calls: %m");
}
