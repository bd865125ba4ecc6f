// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"

void *malloc(size_t size)
{
	struct block *block = block_take(size);

	if (!block) {
		errno = ENOMEM;
		return NULL;
	}
	stats_take(block->size);
	return block + 1;
}

void free(void *memory)
{
	struct block *block = (struct block *)memory - 1;

	if (!memory)
		return;
	stats_give(block->size);
	block_give(block);
}

void *calloc(size_t count, size_t size)
{
	void *memory;

	if (size && count > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	memory = malloc(count * size);
	return memory ? memset(memory, 0, count * size) : NULL;
}

void *realloc(void *memory, size_t size)
{
	size_t old = memory ? block_payload((struct block *)memory - 1) : 0;
	void *moved;

	if (memory && size <= old)
		return memory;
	moved = malloc(size);
	if (moved && memory) {
		memcpy(moved, memory, old);
		free(memory);
	}
	return moved;
}

char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}
