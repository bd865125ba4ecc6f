// SPDX-License-Identifier: Apache-2.0
#ifndef MOUNTING_H
#define MOUNTING_H

#include <vfscore/node.h>

// Makes files of the archive below `directory`. Gives 0 or a negative error.
int extract(const char *archive, size_t length, struct vfs_node *directory);

// The directory that `path` names, made when it is not there; NULL when it cannot be.
struct vfs_node *make_directories(struct vfs_node *from, const char *path, size_t length);

extern const char einitrd_start[], einitrd_end[];

#endif
