/*
 * A filter of system calls (seccomp(2)), which stands whatever else does.
 *
 * No file can get the set-user-id or set-group-id bit: a guest could otherwise leave a program in a shared directory that
 * gives each process that starts it the rights of its owner. No call that makes or enters namespaces or mounts, looks into other
 * processes, or is a large part of the kernel that a VM has no use for. No sockets but unix ones. The program's own filter,
 * which a hypervisor may add, forbids more.
 */
#include "jail.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define NEW_NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
enum { FCHMODAT2 = 452 };
/* In other ABIs the numbers mean other calls; those of x32 differ by a bit. */
#ifdef __x86_64__
enum { OURS = AUDIT_ARCH_X86_64, NOT_OURS = 0x40000000 };
#else
enum { OURS = AUDIT_ARCH_AARCH64, NOT_OURS = 0x7fffffff };
#endif

#define NO(call) {SYS_##call, 0, BPF_JGE, 0, EPERM}
#define MISSING(call) {SYS_##call, 0, BPF_JGE, 0, ENOSYS}
#define NO_MODE_BITS(call, argument) {call, argument, BPF_JSET, S_ISUID | S_ISGID, EPERM}
#define UNIX_ONLY(call) {SYS_##call, 0, BPF_JSET, ~(unsigned)AF_UNIX, EAFNOSUPPORT}

/* A call fails if an argument's lower half has one of these bits (BPF_JSET), is this (BPF_JEQ), or this or more (BPF_JGE). */
static const struct {
	unsigned short call, argument, test;
	unsigned operand, error;
} RULES[] = {
#ifdef __x86_64__ /* Calls that later processors never had. */
	NO_MODE_BITS(SYS_creat, 1), NO_MODE_BITS(SYS_open, 2), NO_MODE_BITS(SYS_chmod, 1), NO_MODE_BITS(SYS_mknod, 1),
	NO(iopl), NO(ioperm), NO(modify_ldt),
#endif
	NO_MODE_BITS(SYS_openat, 3), NO_MODE_BITS(SYS_fchmod, 1), NO_MODE_BITS(SYS_fchmodat, 2), NO_MODE_BITS(FCHMODAT2, 2),
	NO_MODE_BITS(SYS_mknodat, 2), UNIX_ONLY(socket), UNIX_ONLY(socketpair),
	{SYS_clone, 0, BPF_JSET, NEW_NAMESPACES, EPERM},
	{SYS_prctl, 0, BPF_JEQ, PR_SET_PDEATHSIG, EPERM}, /* It would outlive its launcher. */
	/* It would hold up all who open a file that VMs have in common. So would what newer kernels know. */
	{SYS_fcntl, 1, BPF_JEQ, F_SETLEASE, EPERM}, {SYS_fcntl, 1, BPF_JGE, F_SET_FILE_RW_HINT + 1, EINVAL},
	/* Ways to have blocks of a file beyond the limit of its size. File systems that know none say the same. */
	{SYS_fallocate, 1, BPF_JEQ, FALLOC_FL_KEEP_SIZE, EOPNOTSUPP},
	{SYS_fallocate, 1, BPF_JGE, FALLOC_FL_ZERO_RANGE + 1, EOPNOTSUPP},
	{SYS_prlimit64, 0, BPF_JSET, ~0U, EPERM}, /* The limits of others, whom it sees where it has no namespaces. */
	/* What they would do lies in memory, where a filter cannot look. A program that gets ENOSYS takes an older call. */
	MISSING(openat2), MISSING(clone3), MISSING(io_uring_setup), MISSING(io_uring_enter), MISSING(io_uring_register),
	NO(unshare), NO(setns), NO(mount), NO(umount2), NO(pivot_root), NO(chroot), NO(move_mount), NO(open_tree), NO(fsopen),
	NO(fsconfig), NO(fsmount), NO(fspick), NO(mount_setattr), NO(ptrace), NO(process_vm_readv), NO(process_vm_writev),
	NO(kcmp), NO(pidfd_getfd), NO(bpf), NO(perf_event_open), NO(userfaultfd), NO(add_key), NO(request_key), NO(keyctl),
	NO(open_by_handle_at), NO(init_module), NO(finit_module), NO(delete_module), NO(kexec_load), NO(kexec_file_load),
	NO(swapon), NO(swapoff), NO(reboot), NO(acct), NO(quotactl), NO(syslog), NO(settimeofday), NO(clock_settime),
	NO(sethostname), NO(setdomainname), NO(vhangup),
};

enum { RULE_COUNT = sizeof RULES / sizeof RULES[0] };
static struct sock_filter code[6 + 5 * RULE_COUNT];
static unsigned short length;

static void add(unsigned operation, unsigned operand, unsigned char if_true, unsigned char if_false)
{
	code[length++] = (struct sock_filter)BPF_JUMP((unsigned short)operation, operand, if_true, if_false);
}

#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define IF(test) (BPF_JMP | (test) | BPF_K)
#define ANSWER (BPF_RET | BPF_K)

void restrict_calls(void)
{
	add(LOAD, offsetof(struct seccomp_data, arch), 0, 0);
	add(IF(BPF_JEQ), OURS, 0, 2);
	add(LOAD, offsetof(struct seccomp_data, nr), 0, 0);
	add(IF(BPF_JGE), NOT_OURS, 0, 1);
	add(ANSWER, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
	for (size_t i = 0; i < RULE_COUNT; i++) {
		add(IF(BPF_JEQ), RULES[i].call, 0, 4); /* Another call, or one that passes, goes on behind, its number loaded. */
		add(LOAD, (unsigned)offsetof(struct seccomp_data, args[RULES[i].argument]), 0, 0);
		add(IF(RULES[i].test), RULES[i].operand, 0, 1);
		add(ANSWER, SECCOMP_RET_ERRNO | RULES[i].error, 0, 0);
		add(LOAD, offsetof(struct seccomp_data, nr), 0, 0);
	}
	add(ANSWER, SECCOMP_RET_ALLOW, 0, 0);
	struct sock_fprog filter = {length, code};
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0, "cannot set the filter of system calls: %m");
}
