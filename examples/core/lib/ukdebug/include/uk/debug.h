// SPDX-License-Identifier: Apache-2.0
#ifndef UK_DEBUG_H
#define UK_DEBUG_H

#include <stdint.h>

#include <uk/bits/config.h>
#include <uk/essentials.h>

void uk_assert_failed(const char *condition, const char *lib, const char *source, int line) __noreturn;

// Prints who called whom, from the frame at `rbp` on.
void uk_backtrace(uintptr_t rbp);

#if CONFIG_LIBUKDEBUG_ENABLE_ASSERT
#define UK_ASSERT(condition)                                                                  \
	((condition) ? (void)0 :                                                               \
	 uk_assert_failed(#condition, UK_STRINGIFY(__LIBNAME__), UK_STRINGIFY(__BASENAME__), __LINE__))
#else
#define UK_ASSERT(condition) ((void)sizeof(condition))
#endif

#endif
