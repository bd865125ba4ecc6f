// SPDX-License-Identifier: Apache-2.0
#ifndef UK_PLAT_TIME_H
#define UK_PLAT_TIME_H

#include <stdint.h>

// Nanoseconds since the machine started, more or less; never goes back.
uint64_t ukplat_monotonic_clock(void);

// Seconds since 1970, in UTC.
int64_t ukplat_wall_clock(void);

#endif
