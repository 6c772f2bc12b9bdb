/*
 * Starting a child. To copy the page tables of PID 1, and the page faults on both sides afterwards, cost several
 * milliseconds under emulation. A child that shares our memory until execve avoids both. glibc has no clone3 with a stack,
 * so the few instructions are here.
 */
#include "process/clone.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)

enum { STACK_SIZE = 65536 };

/* The child has a new stack and uses nothing of this frame: it calls run, which never returns. */
static long clone_on_stack(struct clone_args *arguments, void (*run)(void *argument), void *argument)
{
	register long result __asm__("rax") = SYS_clone3;
	register void (*kept_run)(void *) __asm__("r12") = run;
	register void *kept_argument __asm__("r13") = argument;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %%r13, %%rdi\n\t"
			 "call *%%r12\n\t"
			 "ud2\n"
			 "1:"
			 : "+r"(result)
			 : "D"(arguments), "S"(sizeof(*arguments)), "r"(kept_run), "r"(kept_argument)
			 : "rcx", "r11", "memory", "cc");
	return result;
}

pid_t clone_child(void (*run)(void *argument), void *argument, int cgroup)
{
	static uint8_t stack[STACK_SIZE] __attribute__((aligned(16)));
	struct clone_args arguments = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_CLEAR_SIGHAND,
		.exit_signal = SIGCHLD,
		.stack = (uint64_t)(uintptr_t)stack,
		.stack_size = sizeof(stack),
	};
	long result;

	if (cgroup >= 0) {
		arguments.flags |= CLONE_INTO_CGROUP;
		arguments.cgroup = (uint64_t)cgroup;
	}
	result = clone_on_stack(&arguments, run, argument);
	if (result > 0)
		return (pid_t)result;
	errno = (int)-result;
	return -1;
}

#else

pid_t clone_child(void (*run)(void *argument), void *argument, int cgroup)
{
	struct clone_args arguments = {
		.flags = cgroup >= 0 ? CLONE_INTO_CGROUP : 0,
		.exit_signal = SIGCHLD,
		.cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0,
	};
	long result = syscall(SYS_clone3, &arguments, sizeof(arguments));

	if (result < 0 && errno == ENOSYS && cgroup < 0)
		result = fork(); /* qemu-user, in which tests for other processors run, has no clone3. */
	if (result == 0)
		run(argument);
	return (pid_t)result;
}

#endif
