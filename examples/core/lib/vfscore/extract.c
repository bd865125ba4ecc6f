// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include <ramfs.h>
#include <uk/cpio.h>
#include <uk/print.h>

#include "mounting.h"

static struct vfs_node *make_directory(struct vfs_node *parent, const char *name, size_t length)
{
	struct ramfs_entry entry = {
		.name = name, .name_length = length, .type = VFS_DIRECTORY, .mode = 0755,
	};
	struct vfs_node *found = parent->operations->lookup(parent, name, length);

	if (found)
		return found->type == VFS_DIRECTORY ? found : NULL;
	return ramfs_add(parent, &entry);
}

struct vfs_node *make_directories(struct vfs_node *at, const char *path, size_t length)
{
	const char *end = path + length;

	while (at && path < end) {
		const char *slash = memchr(path, '/', (size_t)(end - path));
		size_t part = (size_t)((slash ? slash : end) - path);

		if (part > 0 && !(part == 1 && *path == '.'))
			at = make_directory(at, path, part);
		path += part + 1;
	}
	return at;
}

static int add(struct vfs_node *root, const struct ukcpio_entry *entry)
{
	uint32_t type = entry->mode & UKCPIO_TYPE;
	const char *slash = strrchr(entry->name, '/');
	const char *name = slash ? slash + 1 : entry->name;
	struct vfs_node *parent = make_directories(root, entry->name, (size_t)(name - entry->name));
	struct ramfs_entry made = {
		.name = name,
		.name_length = strlen(name),
		.type = type == UKCPIO_DIRECTORY ? VFS_DIRECTORY : type == UKCPIO_SYMLINK ? VFS_SYMLINK : VFS_FILE,
		.mode = entry->mode & 07777,
		.mtime = entry->mtime,
		.data = entry->data,
		.length = entry->length,
	};

	if (!parent)
		return -ENOTDIR;
	// The root itself is there already.
	if (!*name || !strcmp(name, "."))
		return 0;
	if (type != UKCPIO_DIRECTORY && type != UKCPIO_SYMLINK && type != UKCPIO_FILE) {
		uk_pr_warn("%s is neither file, directory nor link, and is left out\n", entry->name);
		return 0;
	}
	return ramfs_add(parent, &made) ? 0 : -ENOMEM;
}

int extract(const char *archive, size_t length, struct vfs_node *directory)
{
	struct ukcpio_archive rest = {archive, length};
	struct ukcpio_entry entry;
	int more, error;

	while ((more = ukcpio_next(&rest, &entry)) > 0) {
		error = add(directory, &entry);
		if (error) {
			uk_pr_err("cannot make %s: %s\n", entry.name, strerror(-error));
			return error;
		}
	}
	if (more < 0)
		uk_pr_err("the archive is damaged %lu bytes from its end\n", rest.left);
	return more;
}
