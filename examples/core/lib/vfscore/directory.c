// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vfscore/node.h>

struct directory {
	struct vfs_node *node;
	size_t index;
	struct dirent entry;
};

DIR *opendir(const char *path)
{
	struct vfs_node *node = vfs_lookup(path, 1);
	struct directory *opened;

	if (!node)
		return NULL;
	if (node->type != VFS_DIRECTORY) {
		errno = ENOTDIR;
		return NULL;
	}
	opened = calloc(1, sizeof(*opened));
	if (opened)
		opened->node = node;
	return opened;
}

struct dirent *readdir(DIR *opened)
{
	static const unsigned char types[] = {
		[VFS_FILE] = DT_REG, [VFS_DIRECTORY] = DT_DIR, [VFS_SYMLINK] = DT_LNK,
	};
	const char *name;
	struct vfs_node *node = opened->node->operations->entry(opened->node, opened->index, &name);

	if (!node)
		return NULL;
	opened->index++;
	opened->entry.d_ino = node->inode;
	opened->entry.d_type = types[node->type];
	strlcpy(opened->entry.d_name, name, sizeof(opened->entry.d_name));
	return &opened->entry;
}

int closedir(DIR *opened)
{
	free(opened);
	return 0;
}
