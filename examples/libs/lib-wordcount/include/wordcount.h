// SPDX-License-Identifier: Apache-2.0
#ifndef WORDCOUNT_H
#define WORDCOUNT_H

#include <stdbool.h>
#include <stddef.h>

// What was counted so far; starts as all zeros.
struct wordcount {
	size_t lines, words, bytes;
	bool in_word;
};

void wordcount_add(struct wordcount *count, const char *text, size_t length);

// Prints "<n> lines, <n> words, <n> bytes" and a newline.
void wordcount_print(const struct wordcount *count);

#endif
