// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <uk/bits/config.h>
#if CONFIG_LIBWORDCOUNT
#include <wordcount.h>
#endif

#include "hello.h"

void print_greeting_file(void)
{
	char buffer[128];
	int fd = open("/greeting.txt", O_RDONLY);
	ssize_t got;
#if CONFIG_LIBWORDCOUNT
	struct wordcount count = {0};
#endif

	if (fd < 0)
		return;
	while ((got = read(fd, buffer, sizeof(buffer))) > 0) {
		write(1, buffer, (size_t)got);
#if CONFIG_LIBWORDCOUNT
		wordcount_add(&count, buffer, (size_t)got);
#endif
	}
	close(fd);
#if CONFIG_LIBWORDCOUNT
	printf("That was: ");
	wordcount_print(&count);
#endif
}
