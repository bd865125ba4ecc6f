// SPDX-License-Identifier: Apache-2.0
#ifndef UK_PLAT_POWER_H
#define UK_PLAT_POWER_H

#include <uk/essentials.h>

// Ends the machine; `status` is 0 when all went well.
void ukplat_terminate(int status) __noreturn;

// Ends the machine after a bug, in a way that whoever runs it can tell from any other.
void ukplat_crash(void) __noreturn;

#endif
