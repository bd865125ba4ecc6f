// SPDX-License-Identifier: Apache-2.0
#include <crc.h>

static const uint32_t table[256] = {
#include "crc32_table.h"
};

uint32_t crc32_update(uint32_t crc, const void *data, size_t length)
{
	const unsigned char *p = data;

	crc = ~crc;
	for (; length; length--)
		crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
	return ~crc;
}
