// SPDX-License-Identifier: Apache-2.0
#ifndef UK_BOOT_H
#define UK_BOOT_H

#include <uk/essentials.h>

// Where the platform hands over, when it knows what the loader said.
void uk_boot(void) __noreturn;

extern const char uk_version[], uk_build_time[];

#endif
