// SPDX-License-Identifier: Apache-2.0
// The compiler calls some of these by itself, so they are here whatever is selected.
#include <string.h>

void *memcpy(void *to, const void *from, size_t length)
{
	void *start = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
	return start;
}

void *memmove(void *to, const void *from, size_t length)
{
	char *target = to;
	const char *source = from;

	if (target <= source || target >= source + length)
		return memcpy(to, from, length);
	while (length--)
		target[length] = source[length];
	return to;
}

void *memset(void *memory, int c, size_t length)
{
	void *start = memory;

	__asm__ volatile("rep stosb" : "+D"(memory), "+c"(length) : "a"(c) : "memory");
	return start;
}

int memcmp(const void *a, const void *b, size_t length)
{
	const unsigned char *x = a, *y = b;

	for (; length; length--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *memory, int c, size_t length)
{
	for (const unsigned char *p = memory; length; length--, p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	return NULL;
}
