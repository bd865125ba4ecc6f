// SPDX-License-Identifier: Apache-2.0
#ifndef REGISTRY_H
#define REGISTRY_H

#include <stddef.h>

// Sets the parameter whose name is the first `length` characters of `name`.
void param_set(const char *name, size_t length, const char *value);

#endif
