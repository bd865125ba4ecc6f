// SPDX-License-Identifier: Apache-2.0
// There is one thread, and so one errno.
#ifndef ERRNO_H
#define ERRNO_H

extern int errno;

#define ENOENT 2
#define EIO 5
#define E2BIG 7
#define EBADF 9
#define ENOMEM 12
#define EEXIST 17
#define ENODEV 19
#define ENOTDIR 20
#define EISDIR 21
#define EINVAL 22
#define EMFILE 24
#define EROFS 30
#define ENAMETOOLONG 36
#define ENOSYS 38
#define ELOOP 40

#endif
