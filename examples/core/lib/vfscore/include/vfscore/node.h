// SPDX-License-Identifier: Apache-2.0
// What the files of all file systems have in common.
#ifndef VFSCORE_NODE_H
#define VFSCORE_NODE_H

#include <sys/types.h>

enum vfs_type { VFS_FILE, VFS_DIRECTORY, VFS_SYMLINK };

struct vfs_operations;

struct vfs_node {
	enum vfs_type type;
	mode_t mode;  // permissions
	uint64_t inode;
	time_t mtime;
	size_t size;
	struct vfs_node *parent;  // NULL at the root
	const struct vfs_operations *operations;
};

struct vfs_operations {
	// NULL when the directory has no such entry.
	struct vfs_node *(*lookup)(struct vfs_node *directory, const char *name, size_t length);
	// NULL behind the last entry.
	struct vfs_node *(*entry)(struct vfs_node *directory, size_t index, const char **name);
	// Gives how much was read. The text of a symbolic link is read like a file.
	ssize_t (*read)(struct vfs_node *node, off_t offset, void *buffer, size_t length);
};

struct vfs_node *vfs_root(void);

// What `path` names; NULL, with errno set, when it names nothing.
struct vfs_node *vfs_lookup(const char *path, int follow_last);

// Mounts as a line of fstab says: `device` is initrd0 or embedded0, `driver` is extract or ramfs.
// Gives 0 or a negative error.
int vfs_mount(const char *device, const char *mountpoint, const char *driver, const char *options);

#endif
