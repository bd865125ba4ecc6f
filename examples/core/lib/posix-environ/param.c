// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include <uk/bits/config.h>
#include <uk/libparam.h>

#include "environ_set.h"

static int set(const char *value)
{
	static int count;

	return count++ < CONFIG_LIBPOSIX_ENVIRON_LIBPARAM_MAXCOUNT ? environ_set(value, 1) : -E2BIG;
}

UK_LIBPARAM(env_vars, "env.vars", set);
