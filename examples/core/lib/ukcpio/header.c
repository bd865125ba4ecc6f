// SPDX-License-Identifier: Apache-2.0
// Source: cpio(5), "New ASCII Format": a magic number and 13 numbers of 8 hex digits each.
#include <ctype.h>
#include <string.h>

#include "header.h"

#define MAGIC_LENGTH 6
#define FIELD_LENGTH 8

bool header_is_newc(const char *text)
{
	return !memcmp(text, "070701", MAGIC_LENGTH) || !memcmp(text, "070702", MAGIC_LENGTH);
}

bool header_read(const char *text, enum header_field field, uint32_t *value)
{
	const char *digits = text + MAGIC_LENGTH + (size_t)field * FIELD_LENGTH;

	*value = 0;
	for (int i = 0; i < FIELD_LENGTH; i++) {
		int c = tolower((unsigned char)digits[i]);

		if (!isxdigit(c))
			return false;
		*value = *value << 4 | (uint32_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	return true;
}
