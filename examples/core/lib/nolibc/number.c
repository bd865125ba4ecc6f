// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

static int digit_of(int c)
{
	return isdigit(c) ? c - '0' : isalpha(c) ? tolower(c) - 'a' + 10 : INT_MAX;
}

unsigned long strtoul(const char *text, char **end, int base)
{
	const char *p = text;
	unsigned long value = 0;
	bool negative, any = false, over = false;

	while (isspace((unsigned char)*p))
		p++;
	negative = *p == '-';
	p += *p == '-' || *p == '+';
	if ((base == 0 || base == 16) && p[0] == '0' && (p[1] | 0x20) == 'x' &&
	    isxdigit((unsigned char)p[2])) {
		p += 2;
		base = 16;
	}
	if (base == 0)
		base = *p == '0' ? 8 : 10;
	for (; digit_of((unsigned char)*p) < base; p++) {
		unsigned long digit = (unsigned long)digit_of((unsigned char)*p);

		over |= value > (ULONG_MAX - digit) / (unsigned long)base;
		value = value * (unsigned long)base + digit;
		any = true;
	}
	if (end)
		*end = (char *)(any ? p : text);
	return over ? ULONG_MAX : negative ? -value : value;
}

long strtol(const char *text, char **end, int base)
{
	const char *sign = text;
	unsigned long value = strtoul(text, end, base);

	while (isspace((unsigned char)*sign))
		sign++;
	if (*sign == '-')
		return (long)value > 0 ? LONG_MIN : (long)value;
	return value > LONG_MAX ? LONG_MAX : (long)value;
}

int atoi(const char *text)
{
	return (int)strtol(text, NULL, 10);
}
