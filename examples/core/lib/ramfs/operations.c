// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include <uk/essentials.h>

#include "ramfs_node.h"

static struct vfs_node *lookup(struct vfs_node *directory, const char *name, size_t length)
{
	struct ramfs_node *found = ramfs_find((struct ramfs_node *)directory, name, length);

	return found ? &found->node : NULL;
}

static struct vfs_node *entry(struct vfs_node *directory, size_t index, const char **name)
{
	struct ramfs_node *child = ((struct ramfs_node *)directory)->children;

	while (child && index-- > 0)
		child = child->next;
	if (!child)
		return NULL;
	*name = child->name;
	return &child->node;
}

static ssize_t read(struct vfs_node *node, off_t offset, void *buffer, size_t length)
{
	size_t left = (size_t)offset < node->size ? node->size - (size_t)offset : 0;

	length = MIN(length, left);
	memcpy(buffer, ((struct ramfs_node *)node)->data + offset, length);
	return (ssize_t)length;
}

const struct vfs_operations ramfs_operations = {lookup, entry, read};
