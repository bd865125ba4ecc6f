// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>

#include <wordcount.h>

void wordcount_add(struct wordcount *count, const char *text, size_t length)
{
	count->bytes += length;
	for (size_t i = 0; i < length; i++) {
		bool blank = isspace((unsigned char)text[i]);

		count->lines += text[i] == '\n';
		count->words += !blank && !count->in_word;
		count->in_word = !blank;
	}
}
