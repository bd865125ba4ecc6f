// SPDX-License-Identifier: Apache-2.0
// From paths to nodes. There is no working directory: every path starts at the root.
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <uk/essentials.h>

#include <vfscore/node.h>

#define MAX_LINKS 16

static struct vfs_node *fail(int error)
{
	errno = error;
	return NULL;
}

static struct vfs_node *walk(struct vfs_node *from, const char *path, bool follow_last, int links);

static struct vfs_node *follow(struct vfs_node *link, int links)
{
	char text[PATH_MAX];
	ssize_t length = link->operations->read(link, 0, text, sizeof(text));

	if (links == MAX_LINKS)
		return fail(ELOOP);
	if (length <= 0 || length == sizeof(text))
		return fail(length < 0 ? EIO : length == 0 ? ENOENT : ENAMETOOLONG);
	text[length] = '\0';
	return walk(*text == '/' ? vfs_root() : link->parent, text, true, links + 1);
}

static struct vfs_node *step(struct vfs_node *at, const char *name, size_t length)
{
	if (at->type != VFS_DIRECTORY)
		return fail(ENOTDIR);
	if (length == 1 && *name == '.')
		return at;
	if (length == 2 && !strncmp(name, "..", 2))
		return at->parent ? at->parent : at;
	at = at->operations->lookup(at, name, length);
	return at ? at : fail(ENOENT);
}

static struct vfs_node *walk(struct vfs_node *at, const char *path, bool follow_last, int links)
{
	while (at && *path) {
		const char *slash = strchr(path, '/');
		size_t length = slash ? (size_t)(slash - path) : strlen(path);
		bool last = !slash;

		if (length > 0)
			at = step(at, path, length);
		if (at && at->type == VFS_SYMLINK && (!last || follow_last))
			at = follow(at, links);
		path += length + !last;
	}
	return at;
}

struct vfs_node *vfs_lookup(const char *path, int follow_last)
{
	struct vfs_node *found;

	if (!*path)
		return fail(ENOENT);
	found = walk(vfs_root(), path, follow_last, 0);
	// `file/` asks for a directory.
	if (found && path[strlen(path) - 1] == '/' && found->type != VFS_DIRECTORY)
		return fail(ENOTDIR);
	return found;
}
