// SPDX-License-Identifier: Apache-2.0
#ifndef RAMFS_H
#define RAMFS_H

#include <vfscore/node.h>

// What to add; `data` is used in place, and so must stay.
struct ramfs_entry {
	const char *name;
	size_t name_length;
	enum vfs_type type;
	mode_t mode;
	time_t mtime;
	const char *data;
	size_t length;
};

// An empty directory without a parent; NULL when there is no memory.
struct vfs_node *ramfs_create(void);

// Adds to `directory`, or replaces what has the name; a directory that is there stays, with the
// mode of the new one. NULL when there is no memory.
struct vfs_node *ramfs_add(struct vfs_node *directory, const struct ramfs_entry *entry);

#endif
