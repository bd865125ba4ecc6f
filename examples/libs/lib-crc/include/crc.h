// SPDX-License-Identifier: Apache-2.0
#ifndef CRC_H
#define CRC_H

#include <stddef.h>
#include <stdint.h>

// The CRC-32 of gzip and Ethernet. Start with 0, and give what came out along with the next part.
uint32_t crc32_update(uint32_t crc, const void *data, size_t length);

// Adler-32, of zlib. Starts with 1.
uint32_t adler32_update(uint32_t sum, const void *data, size_t length);

#endif
