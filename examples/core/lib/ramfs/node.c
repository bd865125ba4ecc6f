// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include <ramfs.h>

#include "ramfs_node.h"

static uint64_t last_inode;

static struct ramfs_node *make(const char *name, size_t length)
{
	struct ramfs_node *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->name = calloc(1, length + 1);
	if (!made->name) {
		free(made);
		return NULL;
	}
	memcpy(made->name, name, length);
	made->node.operations = &ramfs_operations;
	made->node.inode = ++last_inode;
	return made;
}

struct vfs_node *ramfs_create(void)
{
	struct ramfs_node *root = make("", 0);

	if (!root)
		return NULL;
	root->node.type = VFS_DIRECTORY;
	root->node.mode = 0755;
	return &root->node;
}

struct ramfs_node *ramfs_find(struct ramfs_node *directory, const char *name, size_t length)
{
	for (struct ramfs_node *child = directory->children; child; child = child->next)
		if (strlen(child->name) == length && !strncmp(child->name, name, length))
			return child;
	return NULL;
}

struct vfs_node *ramfs_add(struct vfs_node *directory, const struct ramfs_entry *entry)
{
	struct ramfs_node *parent = (struct ramfs_node *)directory;
	struct ramfs_node *child = ramfs_find(parent, entry->name, entry->name_length);

	if (!child) {
		child = make(entry->name, entry->name_length);
		if (!child)
			return NULL;
		child->node.parent = directory;
		if (parent->last)
			parent->last->next = child;
		else
			parent->children = child;
		parent->last = child;
	}
	child->node.type = entry->type;
	child->node.mode = entry->mode;
	child->node.mtime = entry->mtime;
	child->node.size = entry->type == VFS_DIRECTORY ? 0 : entry->length;
	child->data = entry->data;
	return &child->node;
}
