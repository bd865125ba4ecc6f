// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>

#include <uk/bits/config.h>

#include "hello.h"

int main(int argc, char *argv[])
{
	const char *user = getenv("USER");

	puts(CONFIG_APPHELLO_GREETING);
	for (int i = 1; i < argc; i++)
		printf("argument %d: %s\n", i, argv[i]);
	if (user)
		printf("USER is %s\n", user);
#if CONFIG_LIBVFSCORE
	print_greeting_file();
#endif
#if CONFIG_APPHELLO_TIME
	print_time();
#endif
	return 0;
}
