// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include <uk/libparam.h>
#include <uk/print.h>

#include "registry.h"

extern const struct uk_libparam *const uk_libparam_start[], *const uk_libparam_end[];

void param_set(const char *name, size_t length, const char *value)
{
	for (const struct uk_libparam *const *it = uk_libparam_start; it < uk_libparam_end; it++) {
		if (strlen((*it)->name) != length || strncmp((*it)->name, name, length))
			continue;
		if ((*it)->set(value) != 0)
			uk_pr_warn("%s cannot be \"%s\"\n", (*it)->name, value);
		return;
	}
	uk_pr_warn("no library has a parameter %.*s\n", (int)length, name);
}
