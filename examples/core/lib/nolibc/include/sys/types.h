// SPDX-License-Identifier: Apache-2.0
#ifndef SYS_TYPES_H
#define SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef long ssize_t;
typedef long off_t;
typedef unsigned int mode_t;
typedef long time_t;

#endif
