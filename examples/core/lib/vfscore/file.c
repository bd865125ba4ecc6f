// SPDX-License-Identifier: Apache-2.0
// Open files. 0 to 2 are the console.
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uk/bits/config.h>
#include <uk/essentials.h>
#include <uk/plat/console.h>

#include <vfscore/node.h>

#include "stat_of.h"

#define CONSOLE 3

static struct {
	struct vfs_node *node;
	off_t offset;
} files[CONFIG_LIBVFSCORE_MAX_FDS];

static int fail(int error)
{
	errno = error;
	return -1;
}

static bool is_open(int fd)
{
	return fd >= CONSOLE && fd < CONFIG_LIBVFSCORE_MAX_FDS && files[fd].node;
}

int open(const char *path, int flags, ...)
{
	struct vfs_node *node;

	if (flags & (O_WRONLY | O_RDWR | O_CREAT))
		return fail(EROFS);
	node = vfs_lookup(path, 1);
	if (!node)
		return -1;
	if ((flags & O_DIRECTORY) && node->type != VFS_DIRECTORY)
		return fail(ENOTDIR);
	for (int fd = CONSOLE; fd < CONFIG_LIBVFSCORE_MAX_FDS; fd++) {
		if (files[fd].node)
			continue;
		files[fd].node = node;
		files[fd].offset = 0;
		return fd;
	}
	return fail(EMFILE);
}

int close(int fd)
{
	if (!is_open(fd))
		return fail(EBADF);
	files[fd].node = NULL;
	return 0;
}

static ssize_t read_console(char *buffer, size_t length)
{
	size_t got = 0;

	while (got < length) {
		int c = ukplat_cink();

		// Waits for the first byte only.
		if (c < 0 && got > 0)
			break;
		if (c >= 0)
			buffer[got++] = (char)c;
	}
	return (ssize_t)got;
}

ssize_t read(int fd, void *buffer, size_t length)
{
	ssize_t got;

	if (fd == 0)
		return read_console(buffer, length);
	if (!is_open(fd))
		return fail(EBADF);
	if (files[fd].node->type == VFS_DIRECTORY)
		return fail(EISDIR);
	got = files[fd].node->operations->read(files[fd].node, files[fd].offset, buffer, length);
	if (got < 0)
		return fail(EIO);
	files[fd].offset += got;
	return got;
}

ssize_t write(int fd, const void *buffer, size_t length)
{
	if (fd != 1 && fd != 2)
		return fail(is_open(fd) ? EROFS : EBADF);
	ukplat_coutk(buffer, length);
	return (ssize_t)length;
}

off_t lseek(int fd, off_t offset, int whence)
{
	if (!is_open(fd))
		return fail(EBADF);
	if (whence == SEEK_CUR)
		offset += files[fd].offset;
	else if (whence == SEEK_END)
		offset += (off_t)files[fd].node->size;
	else if (whence != SEEK_SET)
		return fail(EINVAL);
	if (offset < 0)
		return fail(EINVAL);
	files[fd].offset = offset;
	return offset;
}

int fstat(int fd, struct stat *result)
{
	if (!is_open(fd))
		return fail(EBADF);
	stat_of(files[fd].node, result);
	return 0;
}
