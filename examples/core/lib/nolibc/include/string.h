// SPDX-License-Identifier: Apache-2.0
#ifndef STRING_H
#define STRING_H

#include <stddef.h>

void *memchr(const void *memory, int c, size_t length);
int memcmp(const void *a, const void *b, size_t length);
void *memcpy(void *to, const void *from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *memory, int c, size_t length);

char *strcat(char *to, const char *from);
char *strchr(const char *text, int c);
int strcmp(const char *a, const char *b);
char *strcpy(char *to, const char *from);
size_t strlcpy(char *to, const char *from, size_t size);
size_t strlen(const char *text);
int strncmp(const char *a, const char *b, size_t length);
size_t strnlen(const char *text, size_t most);
char *strrchr(const char *text, int c);
char *strstr(const char *text, const char *wanted);
char *strerror(int number);

// Of ukalloc.
char *strdup(const char *text);

#endif
