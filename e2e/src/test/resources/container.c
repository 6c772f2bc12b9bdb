/*
 * Runs a program as docker runs root in a container by default: without CAP_SYS_ADMIN and most other capabilities, and with a
 * filter of system calls that refuses namespaces, mounts, keys and more. Nothing is mounted or made read-only.
 *
 *     container PROGRAM [ARGUMENTS]
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NEWEST_CALL = 462 }; /* Of later ones a container's runtime knows nothing. */

static const unsigned CAPABILITIES[] = {
	CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP,
	CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_SYS_CHROOT, CAP_MKNOD, CAP_AUDIT_WRITE, CAP_SETFCAP,
};

static const unsigned REFUSED[] = {
	SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_open_tree, SYS_move_mount, SYS_mount_setattr,
	SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_bpf,
	SYS_perf_event_open, SYS_userfaultfd, SYS_open_by_handle_at, SYS_io_uring_setup, SYS_io_uring_enter,
	SYS_io_uring_register, SYS_fanotify_init, SYS_quotactl, SYS_quotactl_fd, SYS_sethostname, SYS_setdomainname,
	SYS_syslog, SYS_reboot, SYS_acct, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
	SYS_kexec_file_load, SYS_swapon, SYS_swapoff, SYS_kcmp, SYS_pidfd_getfd, SYS_process_madvise, SYS_iopl, SYS_ioperm,
	SYS_settimeofday, SYS_clock_settime, SYS_vhangup, SYS_mbind, SYS_get_mempolicy, SYS_set_mempolicy, SYS_move_pages,
	SYS_migrate_pages, SYS_lookup_dcookie, SYS_nfsservctl, SYS_sysfs, SYS_ustat, SYS_uselib,
};

enum { REFUSED_COUNT = sizeof REFUSED / sizeof REFUSED[0] };

static void must(int holds, const char *what)
{
	if (!holds) {
		perror(what);
		exit(125);
	}
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
	uint64_t kept = 0;
	for (size_t i = 0; i < sizeof CAPABILITIES / sizeof CAPABILITIES[0]; i++)
		kept |= 1ULL << CAPABILITIES[i];
	for (unsigned each = 0; prctl(PR_CAPBSET_READ, each, 0, 0, 0) >= 0; each++)
		must((kept >> each & 1) != 0 || prctl(PR_CAPBSET_DROP, each, 0, 0, 0) == 0, "container: bounding set");
	data[0].effective = data[0].permitted = (uint32_t)kept;
	data[1].effective = data[1].permitted = (uint32_t)(kept >> 32);
	must(syscall(SYS_capset, &header, data) == 0, "container: capabilities");
}

/* Without PR_SET_NO_NEW_PRIVS, as docker does it; that takes CAP_SYS_ADMIN still. */
static void filter_calls(void)
{
	static const unsigned namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER
		| CLONE_NEWPID | CLONE_NEWNET;
	struct sock_filter code[16 + 2 * REFUSED_COUNT] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, NEWEST_CALL, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, namespaces, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	unsigned short length = 9;
	for (size_t i = 0; i < REFUSED_COUNT; i++) {
		code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, REFUSED[i], 0, 1);
		code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	}
	code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog filter = {length, code};
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0, "container: filter");
}

int main(int argc, char **argv)
{
	must(argc > 1, "container: usage");
	filter_calls();
	drop_capabilities();
	execvp(argv[1], &argv[1]);
	must(0, argv[1]);
}
