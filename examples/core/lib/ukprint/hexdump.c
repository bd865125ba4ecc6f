// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <stdio.h>

#include <uk/print.h>

#define PER_LINE 16

void uk_hexdump(const void *memory, size_t length)
{
	const unsigned char *bytes = memory;

	for (size_t line = 0; line < length; line += PER_LINE) {
		printf("%08lx ", line);
		for (size_t i = line; i < line + PER_LINE; i++)
			i < length ? printf(" %02x", bytes[i]) : printf("   ");
		printf("  ");
		for (size_t i = line; i < MIN(line + PER_LINE, length); i++)
			putchar(isprint(bytes[i]) ? bytes[i] : '.');
		putchar('\n');
	}
}
