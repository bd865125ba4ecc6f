// SPDX-License-Identifier: Apache-2.0
// Source: RFC 1950, section 8.2.
#include <crc.h>

#define LARGEST_PRIME 65521

uint32_t adler32_update(uint32_t sum, const void *data, size_t length)
{
	const unsigned char *p = data;
	uint32_t low = sum & 0xffff, high = sum >> 16;

	for (; length; length--) {
		low = (low + *p++) % LARGEST_PRIME;
		high = (high + low) % LARGEST_PRIME;
	}
	return high << 16 | low;
}
