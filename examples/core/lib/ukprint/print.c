// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stdio.h>

#include <uk/plat/time.h>
#include <uk/print.h>

static const char *const names[] = {"ERR:  ", "Warn: ", "Info: ", "dbg:  "};

void uk_printk(enum uk_print_level level, const char *lib, const char *source, const char *format, ...)
{
	va_list args;

#if CONFIG_LIBUKPRINT_PRINT_TIME
	uint64_t us = ukplat_monotonic_clock() / 1000;

	printf("[%5lu.%06lu] ", us / 1000000, us % 1000000);
#endif
	printf("%s[%s] ", names[level], lib);
#if CONFIG_LIBUKPRINT_PRINT_SRCNAME
	printf("<%s> ", source);
#else
	(void)source;
#endif
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
}
