// SPDX-License-Identifier: Apache-2.0
#ifndef UNISTD_H
#define UNISTD_H

#include <sys/types.h>

#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

// Of vfscore.
int close(int fd);
ssize_t read(int fd, void *buffer, size_t length);
ssize_t write(int fd, const void *buffer, size_t length);
off_t lseek(int fd, off_t offset, int whence);
ssize_t readlink(const char *path, char *buffer, size_t size);

#endif
