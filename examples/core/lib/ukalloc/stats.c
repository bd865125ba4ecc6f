// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include <uk/alloc.h>
#include <uk/essentials.h>

#include "block.h"

static size_t in_use, at_most, calls;

void stats_take(size_t size)
{
	calls++;
	in_use += size;
	at_most = MAX(at_most, in_use);
}

void stats_give(size_t size)
{
	in_use -= size;
}

void uk_alloc_stats_print(void)
{
	printf("memory: %lu bytes in use, %lu at most, %lu allocations\n", in_use, at_most, calls);
}
