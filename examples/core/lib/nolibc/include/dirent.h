// SPDX-License-Identifier: Apache-2.0
#ifndef DIRENT_H
#define DIRENT_H

#include <sys/types.h>

#define DT_DIR 4
#define DT_REG 8
#define DT_LNK 10

struct dirent {
	uint64_t d_ino;
	unsigned char d_type;
	char d_name[256];
};

typedef struct directory DIR;

// Of vfscore.
DIR *opendir(const char *path);
struct dirent *readdir(DIR *directory);
int closedir(DIR *directory);

#endif
