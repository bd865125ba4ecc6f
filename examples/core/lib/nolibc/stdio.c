// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uk/bits/config.h>
#include <uk/plat/console.h>

int vprintf(const char *format, va_list args)
{
	char buffer[CONFIG_LIBNOLIBC_STDIO_BUFFER];
	int length = vsnprintf(buffer, sizeof(buffer), format, args);
	char *longer;

	if (length < (int)sizeof(buffer)) {
		ukplat_coutk(buffer, (size_t)length);
		return length;
	}
	longer = malloc((size_t)length + 1);
	if (!longer) {
		// Part of a message is better than none when memory is what it is about.
		ukplat_coutk(buffer, sizeof(buffer) - 1);
		return -1;
	}
	vsnprintf(longer, (size_t)length + 1, format, args);
	ukplat_coutk(longer, (size_t)length);
	free(longer);
	return length;
}

int printf(const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vprintf(format, args);
	va_end(args);
	return length;
}

int vdprintf(int fd, const char *format, va_list args)
{
	return fd == 1 || fd == 2 ? vprintf(format, args) : -1;
}

int dprintf(int fd, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vdprintf(fd, format, args);
	va_end(args);
	return length;
}

int putchar(int c)
{
	char byte = (char)c;

	ukplat_coutk(&byte, 1);
	return (unsigned char)c;
}

int puts(const char *text)
{
	ukplat_coutk(text, strlen(text));
	ukplat_coutk("\n", 1);
	return 0;
}
