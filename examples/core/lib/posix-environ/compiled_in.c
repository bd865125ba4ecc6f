// SPDX-License-Identifier: Apache-2.0
// The variables of the configuration.
#include <stddef.h>

#include <uk/bits/config.h>
#include <uk/essentials.h>
#include <uk/init.h>

#include "environ_set.h"

static const char *const compiled_in[] = {
	CONFIG_LIBPOSIX_ENVIRON_ENVP0,
	CONFIG_LIBPOSIX_ENVIRON_ENVP1,
	CONFIG_LIBPOSIX_ENVIRON_ENVP2,
	CONFIG_LIBPOSIX_ENVIRON_ENVP3,
	CONFIG_LIBPOSIX_ENVIRON_ENVP4,
	CONFIG_LIBPOSIX_ENVIRON_ENVP5,
	CONFIG_LIBPOSIX_ENVIRON_ENVP6,
	CONFIG_LIBPOSIX_ENVIRON_ENVP7,
	CONFIG_LIBPOSIX_ENVIRON_ENVP8,
	CONFIG_LIBPOSIX_ENVIRON_ENVP9,
	CONFIG_LIBPOSIX_ENVIRON_ENVP10,
	CONFIG_LIBPOSIX_ENVIRON_ENVP11,
	CONFIG_LIBPOSIX_ENVIRON_ENVP12,
	CONFIG_LIBPOSIX_ENVIRON_ENVP13,
	CONFIG_LIBPOSIX_ENVIRON_ENVP14,
	CONFIG_LIBPOSIX_ENVIRON_ENVP15,
};

// Variables of the command line are there already, and count more.
static int environ_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(compiled_in); i++)
		if (*compiled_in[i])
			environ_set(compiled_in[i], 0);
	return 0;
}

UK_INIT(environ_init, UK_INIT_LIBRARY);
