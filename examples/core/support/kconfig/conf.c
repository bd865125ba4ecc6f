// SPDX-License-Identifier: Apache-2.0
// conf: answers the questions of Config.uk files without asking.
//
//   conf --defconfig=FILE Config.uk   values from FILE, the rest by default
//   conf --olddefconfig Config.uk     values from .config, the rest by default
//   conf --syncconfig Config.uk       the same, and the files that a build includes
//   conf --savedefconfig=FILE Config.uk   what .config has beyond the defaults, to FILE
//
// Paths come from KCONFIG_CONFIG, KCONFIG_AUTOCONFIG and KCONFIG_AUTOHEADER; the files per
// symbol go below include/config in the working directory.
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kconfig.h"

int warnings;
char **sources;
size_t nsources;

void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (memory)
		return memory;
	fputs("error: out of memory\n", stderr);
	exit(1);
}

char *format(const char *fmt, ...)
{
	va_list args, again;
	char *out;
	int length;

	va_start(args, fmt);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, fmt, args);
	out = allocate((size_t)length + 1);
	vsnprintf(out, (size_t)length + 1, fmt, again);
	va_end(again);
	va_end(args);
	return out;
}

char *read_file(const char *path)
{
	FILE *in = fopen(path, "r");
	size_t size = 0, got;
	char *text = NULL;

	if (!in)
		return NULL;
	do {
		text = realloc(text, size + 4096 + 1);
		if (!text)
			return NULL;
		got = fread(text + size, 1, 4096, in);
		size += got;
	} while (got);
	text[size] = '\0';
	fclose(in);
	return text;
}

bool make_parents(const char *path)
{
	char *copy = format("%s", path);

	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0777) != 0 && errno != EEXIST && errno != EROFS)
			return false;
		*p = '/';
	}
	return true;
}

bool parse_number(const char *text, long long *out)
{
	char *end;

	*out = strtoll(text, &end, text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10);
	return end != text && !*end;
}

static const char *path_from(const char *variable, const char *fallback)
{
	const char *value = getenv(variable);

	return value && *value ? value : fallback;
}

static int usage(void)
{
	fputs("usage: conf --defconfig[=FILE] | --olddefconfig | --syncconfig | --savedefconfig=FILE "
		"CONFIG.UK\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const char *config = path_from("KCONFIG_CONFIG", ".config");
	const char *mode = argc == 3 ? argv[1] : "";
	const char *defaults = !strncmp(mode, "--defconfig=", 12) ? mode + 12 : NULL;
	const char *minimal = !strncmp(mode, "--savedefconfig=", 16) ? mode + 16 : NULL;
	bool sync = !strcmp(mode, "--syncconfig"), old = sync || !strcmp(mode, "--olddefconfig");

	if (!old && !defaults && !minimal && strcmp(mode, "--defconfig"))
		return usage();
	parse_kconfig(argv[2]);
	if (old || defaults || minimal)
		conf_read(defaults ? defaults : config);
	if (minimal)
		return conf_save_minimal(minimal), 0;
	conf_write(config, sync);
	if (sync)
		conf_sync(path_from("KCONFIG_AUTOCONFIG", "auto.conf"),
			path_from("KCONFIG_AUTOHEADER", "config.h"), "include/config");
	return 0;
}
