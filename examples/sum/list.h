// SPDX-License-Identifier: Apache-2.0
#ifndef LIST_H
#define LIST_H

#include <stddef.h>

struct list {
	char **paths;
	size_t count;
};

// Adds `path`, or, when that is a directory, all that is below it. Gives 0 or -1, with errno set.
int list_add(struct list *list, const char *path);

void list_sort(struct list *list);

#endif
