// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

int errno;

static const struct {
	int number;
	const char *text;
} texts[] = {
	{0, "no error"},
	{ENOENT, "no such file or directory"},
	{EIO, "input or output error"},
	{E2BIG, "too many arguments"},
	{EBADF, "bad file descriptor"},
	{ENOMEM, "out of memory"},
	{EEXIST, "file exists"},
	{ENODEV, "no such device"},
	{ENOTDIR, "not a directory"},
	{EISDIR, "is a directory"},
	{EINVAL, "invalid argument"},
	{EMFILE, "too many open files"},
	{EROFS, "read-only file system"},
	{ENAMETOOLONG, "file name too long"},
	{ENOSYS, "function not implemented"},
	{ELOOP, "too many symbolic links"},
};

char *strerror(int number)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].number == number)
			return (char *)texts[i].text;
	return "unknown error";
}

void perror(const char *prefix)
{
	dprintf(2, "%s: %s\n", prefix, strerror(errno));
}
