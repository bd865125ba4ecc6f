// SPDX-License-Identifier: Apache-2.0
#include <string.h>

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

size_t strnlen(const char *text, size_t most)
{
	size_t length = 0;

	while (length < most && text[length])
		length++;
	return length;
}

int strncmp(const char *a, const char *b, size_t length)
{
	for (; length && *a && *a == *b; length--)
		a++, b++;
	return length ? (unsigned char)*a - (unsigned char)*b : 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, (size_t)-1);
}

char *strcpy(char *to, const char *from)
{
	memcpy(to, from, strlen(from) + 1);
	return to;
}

size_t strlcpy(char *to, const char *from, size_t size)
{
	size_t length = strlen(from), part = length < size ? length : size - 1;

	if (size) {
		memcpy(to, from, part);
		to[part] = '\0';
	}
	return length;
}

char *strcat(char *to, const char *from)
{
	strcpy(to + strlen(to), from);
	return to;
}

char *strchr(const char *text, int c)
{
	for (;; text++) {
		if (*text == (char)c)
			return (char *)text;
		if (!*text)
			return NULL;
	}
}

char *strrchr(const char *text, int c)
{
	const char *found = NULL;

	for (;; text++) {
		if (*text == (char)c)
			found = text;
		if (!*text)
			return (char *)found;
	}
}

char *strstr(const char *text, const char *wanted)
{
	size_t length = strlen(wanted);

	for (;; text++) {
		if (!strncmp(text, wanted, length))
			return (char *)text;
		if (!*text)
			return NULL;
	}
}
