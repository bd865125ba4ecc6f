// SPDX-License-Identifier: Apache-2.0
#ifndef ENVIRON_SET_H
#define ENVIRON_SET_H

// Takes NAME=VALUE; -EINVAL when it is not that.
int environ_set(const char *assignment, int overwrite);

#endif
