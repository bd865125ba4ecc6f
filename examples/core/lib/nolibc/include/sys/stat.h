// SPDX-License-Identifier: Apache-2.0
#ifndef SYS_STAT_H
#define SYS_STAT_H

#include <sys/types.h>

#define S_IFMT 0170000
#define S_IFDIR 0040000
#define S_IFREG 0100000
#define S_IFLNK 0120000
#define S_ISDIR(mode) (((mode) & S_IFMT) == S_IFDIR)
#define S_ISREG(mode) (((mode) & S_IFMT) == S_IFREG)
#define S_ISLNK(mode) (((mode) & S_IFMT) == S_IFLNK)

struct stat {
	uint64_t st_ino;
	mode_t st_mode;
	off_t st_size;
	time_t st_mtime;
};

// Of vfscore.
int stat(const char *path, struct stat *result);
int lstat(const char *path, struct stat *result);
int fstat(int fd, struct stat *result);

#endif
