// SPDX-License-Identifier: Apache-2.0
// First fit: a kernel that runs one application for a while needs no more.
#include <stdint.h>

#include <uk/alloc.h>
#include <uk/debug.h>

#include "block.h"

static struct block *first, *end;

static struct block *next_of(const struct block *block)
{
	struct block *next = (struct block *)((char *)block + block->size);

	return next < end ? next : NULL;
}

void uk_alloc_init(void *base, size_t length)
{
	uintptr_t start = ALIGN_UP((uintptr_t)base, UNIT);

	length = ALIGN_DOWN(length - (start - (uintptr_t)base), UNIT);
	UK_ASSERT(length > sizeof(struct block));
	first = (struct block *)start;
	end = (struct block *)(start + length);
	*first = (struct block){.size = length};
}

static void split(struct block *block, size_t size)
{
	struct block *rest = (struct block *)((char *)block + size), *after = next_of(block);

	if (block->size - size <= sizeof(struct block))
		return;
	*rest = (struct block){.size = block->size - size, .previous = block};
	block->size = size;
	if (after)
		after->previous = rest;
}

struct block *block_take(size_t size)
{
	if (size > SIZE_MAX - sizeof(struct block) - UNIT)
		return NULL;
	size = ALIGN_UP(size, UNIT) + sizeof(struct block);
	for (struct block *block = first; block; block = next_of(block)) {
		if (block->used || block->size < size)
			continue;
		split(block, size);
		block->used = true;
		return block;
	}
	return NULL;
}

// Takes the block above into `block`.
static void join(struct block *block)
{
	struct block *next = next_of(block), *after;

	if (!next || next->used)
		return;
	block->size += next->size;
	after = next_of(block);
	if (after)
		after->previous = block;
}

void block_give(struct block *block)
{
	UK_ASSERT(block >= first && block < end && block->used);
	block->used = false;
	join(block);
	if (block->previous && !block->previous->used)
		join(block->previous);
}

size_t block_payload(const struct block *block)
{
	return block->size - sizeof(*block);
}
