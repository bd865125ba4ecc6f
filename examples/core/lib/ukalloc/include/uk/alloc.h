// SPDX-License-Identifier: Apache-2.0
#ifndef UK_ALLOC_H
#define UK_ALLOC_H

#include <stddef.h>

// Gives the allocator its memory. Once, before anything is allocated.
void uk_alloc_init(void *base, size_t length);

// Prints how much is in use, and how much was at most.
void uk_alloc_stats_print(void);

#endif
