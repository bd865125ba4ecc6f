// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uk/essentials.h>

#include "stat_of.h"

void stat_of(const struct vfs_node *node, struct stat *result)
{
	static const mode_t types[] = {
		[VFS_FILE] = S_IFREG, [VFS_DIRECTORY] = S_IFDIR, [VFS_SYMLINK] = S_IFLNK,
	};

	*result = (struct stat){
		.st_ino = node->inode,
		.st_mode = types[node->type] | node->mode,
		.st_size = (off_t)node->size,
		.st_mtime = node->mtime,
	};
}

static int stat_path(const char *path, int follow_last, struct stat *result)
{
	struct vfs_node *node = vfs_lookup(path, follow_last);

	if (!node)
		return -1;
	stat_of(node, result);
	return 0;
}

int stat(const char *path, struct stat *result)
{
	return stat_path(path, 1, result);
}

int lstat(const char *path, struct stat *result)
{
	return stat_path(path, 0, result);
}

ssize_t readlink(const char *path, char *buffer, size_t size)
{
	struct vfs_node *node = vfs_lookup(path, 0);

	if (!node)
		return -1;
	if (node->type != VFS_SYMLINK) {
		errno = EINVAL;
		return -1;
	}
	return node->operations->read(node, 0, buffer, size);
}
