// SPDX-License-Identifier: Apache-2.0
// Blocks that lie one after another, each with a header in front.
#ifndef BLOCK_H
#define BLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include <uk/bits/config.h>

#define UNIT 16ul

struct block {
	size_t size;     // with this header; a multiple of UNIT
	bool used;
	struct block *previous;  // the one below, or NULL
} __attribute__((aligned(UNIT)));

struct block *block_take(size_t size);
void block_give(struct block *block);
size_t block_payload(const struct block *block);

#if CONFIG_LIBUKALLOC_IFSTATS
void stats_take(size_t size);
void stats_give(size_t size);
#else
#define stats_take(size) ((void)(size))
#define stats_give(size) ((void)(size))
#endif

#endif
