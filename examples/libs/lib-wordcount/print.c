// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include <wordcount.h>

void wordcount_print(const struct wordcount *count)
{
	printf("%lu lines, %lu words, %lu bytes\n", count->lines, count->words, count->bytes);
}
