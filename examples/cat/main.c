// SPDX-License-Identifier: Apache-2.0
// cat [-c] PATH...: prints files, and with -c what is in each.
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <crc.h>
#include <uk/bits/config.h>
#include <wordcount.h>

static bool print_file(const char *path, bool counted)
{
	char buffer[CONFIG_APPCAT_BUFFER_SIZE];
	struct wordcount count = {0};
	uint32_t crc = 0;
	int fd = open(path, O_RDONLY);
	ssize_t got = 0;

	while (fd >= 0 && (got = read(fd, buffer, sizeof(buffer))) > 0) {
		write(1, buffer, (size_t)got);
		wordcount_add(&count, buffer, (size_t)got);
		crc = crc32_update(crc, buffer, (size_t)got);
	}
	if (fd < 0 || got < 0) {
		perror(path);
		return false;
	}
	close(fd);
	if (counted) {
		printf("-- %s: crc %08x, ", path, crc);
		wordcount_print(&count);
	}
	return true;
}

int main(int argc, char *argv[])
{
	bool counted = argc > 1 && !strcmp(argv[1], "-c"), ok = true;

	for (int i = counted ? 2 : 1; i < argc; i++)
		ok &= print_file(argv[i], counted);
	return ok ? 0 : 1;
}
