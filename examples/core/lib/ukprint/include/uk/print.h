// SPDX-License-Identifier: Apache-2.0
// Messages of the kernel. Those below the level that is configured are not even compiled in.
#ifndef UK_PRINT_H
#define UK_PRINT_H

#include <stddef.h>

#include <uk/bits/config.h>
#include <uk/essentials.h>

enum uk_print_level { UK_PRINT_ERROR, UK_PRINT_WARN, UK_PRINT_INFO, UK_PRINT_DEBUG };

#if CONFIG_LIBUKPRINT_KLVL_DEBUG
#define UK_PRINT_LEVEL UK_PRINT_DEBUG
#elif CONFIG_LIBUKPRINT_KLVL_INFO
#define UK_PRINT_LEVEL UK_PRINT_INFO
#elif CONFIG_LIBUKPRINT_KLVL_WARN
#define UK_PRINT_LEVEL UK_PRINT_WARN
#else
#define UK_PRINT_LEVEL UK_PRINT_ERROR
#endif

void uk_printk(enum uk_print_level level, const char *lib, const char *source, const char *format, ...)
	__printf_like(4, 5);

// Prints `length` bytes, sixteen to a line.
void uk_hexdump(const void *memory, size_t length);

#define uk_print_at(level, ...)                                                                   \
	do {                                                                                       \
		if ((level) <= UK_PRINT_LEVEL)                                                     \
			uk_printk(level, UK_STRINGIFY(__LIBNAME__), UK_STRINGIFY(__BASENAME__), __VA_ARGS__); \
	} while (0)

#define uk_pr_err(...) uk_print_at(UK_PRINT_ERROR, __VA_ARGS__)
#define uk_pr_warn(...) uk_print_at(UK_PRINT_WARN, __VA_ARGS__)
#define uk_pr_info(...) uk_print_at(UK_PRINT_INFO, __VA_ARGS__)
#define uk_pr_debug(...) uk_print_at(UK_PRINT_DEBUG, __VA_ARGS__)

#endif
