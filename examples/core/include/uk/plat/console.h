// SPDX-License-Identifier: Apache-2.0
#ifndef UK_PLAT_CONSOLE_H
#define UK_PLAT_CONSOLE_H

#include <stddef.h>

// Writes to the console, and returns when the last byte is on its way.
void ukplat_coutk(const char *text, size_t length);

// A byte that was typed, or -1 when there is none.
int ukplat_cink(void);

#endif
