// SPDX-License-Identifier: Apache-2.0
#ifndef UK_CPIO_H
#define UK_CPIO_H

#include <stddef.h>
#include <stdint.h>

#define UKCPIO_TYPE 0170000
#define UKCPIO_DIRECTORY 0040000
#define UKCPIO_FILE 0100000
#define UKCPIO_SYMLINK 0120000

// What is left of an archive in memory.
struct ukcpio_archive {
	const char *at;
	size_t left;
};

struct ukcpio_entry {
	const char *name;
	uint32_t mode, mtime, inode, links;
	const char *data;  // within the archive; of a symbolic link, its text without a final NUL
	size_t length;
};

// Takes the next entry. Gives 1, 0 at the end, or -EINVAL when this is no archive.
int ukcpio_next(struct ukcpio_archive *archive, struct ukcpio_entry *entry);

#endif
