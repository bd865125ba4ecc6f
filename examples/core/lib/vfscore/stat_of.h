// SPDX-License-Identifier: Apache-2.0
#ifndef STAT_OF_H
#define STAT_OF_H

#include <sys/stat.h>
#include <vfscore/node.h>

void stat_of(const struct vfs_node *node, struct stat *result);

#endif
