// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include <uk/debug.h>
#include <uk/plat/power.h>

void uk_assert_failed(const char *condition, const char *lib, const char *source, int line)
{
	printf("Assertion failed: %s\n  at %s:%d in %s\n", condition, source, line, lib);
	uk_backtrace((uintptr_t)__builtin_frame_address(0));
	ukplat_crash();
}
