// SPDX-License-Identifier: Apache-2.0
// sum [PATH...]: checksums of files, sorted by name. Directories stand for all that is below them.
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <crc.h>
#include <uk/bits/config.h>
#include <wordcount.h>

#include "list.h"

static struct wordcount all;

static bool print_sum(const char *path)
{
	char buffer[1024];
	uint32_t crc = 0, adler = 1;
	ssize_t got = 0;
	int fd = open(path, O_RDONLY);

	while (fd >= 0 && (got = read(fd, buffer, sizeof(buffer))) > 0) {
		crc = crc32_update(crc, buffer, (size_t)got);
#if CONFIG_LIBCRC_ADLER32
		adler = adler32_update(adler, buffer, (size_t)got);
#endif
		wordcount_add(&all, buffer, (size_t)got);
	}
	if (fd < 0 || got < 0) {
		perror(path);
		return false;
	}
	close(fd);
	printf("%08x %08x %s\n", crc, adler, path);
	return true;
}

static bool is_wanted(const char *path)
{
#if CONFIG_APPSUM_FOLLOW
	(void)path;
	return true;
#else
	struct stat info;

	return lstat(path, &info) != 0 || S_ISREG(info.st_mode);
#endif
}

int main(int argc, char *argv[])
{
	struct list list = {NULL, 0};
	bool ok = true;

	for (int i = 1; i < argc || i == 1; i++) {
		const char *path = i < argc ? argv[i] : "/";

		if (list_add(&list, path) != 0) {
			perror(path);
			ok = false;
		}
	}
	list_sort(&list);
	for (size_t i = 0; i < list.count; i++)
		if (is_wanted(list.paths[i]))
			ok &= print_sum(list.paths[i]);
	printf("%lu files: ", list.count);
	wordcount_print(&all);
	return ok ? 0 : 1;
}
