// SPDX-License-Identifier: Apache-2.0
#include "solo5.h"

static void say(const char *text)
{
	size_t size = 0;

	while (text[size])
		size++;
	solo5_console_write(text, size);
}

int solo5_app_main(const struct solo5_start_info *info)
{
	say(info->cmdline);
	say("\n");
	return SOLO5_EXIT_SUCCESS;
}
