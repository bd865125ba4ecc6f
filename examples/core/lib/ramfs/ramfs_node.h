// SPDX-License-Identifier: Apache-2.0
#ifndef RAMFS_NODE_H
#define RAMFS_NODE_H

#include <vfscore/node.h>

struct ramfs_node {
	struct vfs_node node;  // first, so that either can be had from the other
	char *name;
	const char *data;
	struct ramfs_node *children, *last, *next;
};

extern const struct vfs_operations ramfs_operations;

struct ramfs_node *ramfs_find(struct ramfs_node *directory, const char *name, size_t length);

#endif
