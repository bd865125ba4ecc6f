// SPDX-License-Identifier: Apache-2.0
// Heapsort: in place, and never slow.
#include <stdlib.h>

static void swap(char *a, char *b, size_t size)
{
	for (; size; size--, a++, b++) {
		char kept = *a;

		*a = *b;
		*b = kept;
	}
}

static void sift_down(char *base, size_t at, size_t count, size_t size,
	int (*compare)(const void *, const void *))
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (compare(base + at * size, base + child * size) >= 0)
			return;
		swap(base + at * size, base + child * size, size);
	}
}

void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	for (size_t i = count / 2; i > 0; i--)
		sift_down(base, i - 1, count, size, compare);
	for (size_t last = count; last > 1; last--) {
		swap(base, (char *)base + (last - 1) * size, size);
		sift_down(base, 0, last - 1, size, compare);
	}
}
