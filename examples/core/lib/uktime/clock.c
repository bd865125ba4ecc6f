// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>
#include <time.h>

#include <uk/plat/time.h>

#define NS_PER_S 1000000000l

time_t time(time_t *result)
{
	time_t now = ukplat_wall_clock();

	if (result)
		*result = now;
	return now;
}

int clock_gettime(clockid_t clock, struct timespec *result)
{
	uint64_t passed;

	if (clock == CLOCK_REALTIME) {
		result->tv_sec = ukplat_wall_clock();
		result->tv_nsec = 0;
		return 0;
	}
	if (clock != CLOCK_MONOTONIC) {
		errno = EINVAL;
		return -1;
	}
	passed = ukplat_monotonic_clock();
	result->tv_sec = (time_t)(passed / NS_PER_S);
	result->tv_nsec = (long)(passed % NS_PER_S);
	return 0;
}

// There is nothing else to run meanwhile.
int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	uint64_t until = ukplat_monotonic_clock() + (uint64_t)wanted->tv_sec * NS_PER_S + (uint64_t)wanted->tv_nsec;

	while (ukplat_monotonic_clock() < until)
		__asm__ volatile("pause");
	if (left)
		*left = (struct timespec){0, 0};
	return 0;
}
