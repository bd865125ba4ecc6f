// SPDX-License-Identifier: Apache-2.0
#ifndef TIME_H
#define TIME_H

#include <sys/types.h>

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1

typedef int clockid_t;

struct timespec {
	time_t tv_sec;
	long tv_nsec;
};

struct tm {
	int tm_sec, tm_min, tm_hour;
	int tm_mday, tm_mon, tm_year, tm_wday, tm_yday;
};

// Of uktime.
time_t time(time_t *result);
int clock_gettime(clockid_t clock, struct timespec *result);
int nanosleep(const struct timespec *wanted, struct timespec *left);
struct tm *gmtime_r(const time_t *time, struct tm *result);

#endif
