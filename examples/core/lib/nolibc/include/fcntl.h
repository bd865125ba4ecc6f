// SPDX-License-Identifier: Apache-2.0
#ifndef FCNTL_H
#define FCNTL_H

#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREAT 0100
#define O_DIRECTORY 0200000

// Of vfscore.
int open(const char *path, int flags, ...);

#endif
