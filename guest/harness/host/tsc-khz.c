/*
 * Prints the rate of this host's time stamp counter in kHz, for the kernel of an emulated guest. The kernel would otherwise
 * measure the counter against an emulated timer. On a busy host that fails, and the boot hangs. Only x86 has the counter;
 * elsewhere it prints 0.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#ifdef __x86_64__
#include <x86intrin.h>

static int64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Measures over 50 ms. A preemption between the two clocks, which are read back to back, falsifies the result. */
static uint64_t measure(void)
{
	const struct timespec pause = { .tv_sec = 0, .tv_nsec = 50000000 };
	int64_t start = nanoseconds();
	uint64_t ticks = __rdtsc();

	nanosleep(&pause, NULL);
	int64_t end = nanoseconds();

	return (__rdtsc() - ticks) * 1000000 / (uint64_t)(end - start);
}

/* The median of three allows for one false result. */
int main(void)
{
	uint64_t a = measure(), b = measure(), c = measure();
	uint64_t low = a < b ? a : b, high = a < b ? b : a;
	uint64_t median = c < low ? low : c > high ? high : c;

	return printf("%" PRIu64 "\n", median) < 0;
}

#else

int main(void)
{
	return puts("0") < 0;
}

#endif
