// SPDX-License-Identifier: Apache-2.0
// vfs.fstab=[ "device:mountpoint:driver:flags:options:ukoptions" ... ]
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uk/bits/config.h>
#include <vfscore/node.h>

#if CONFIG_LIBVFSCORE_AUTOMOUNT_UP
#include <uk/libparam.h>

enum { DEVICE, MOUNTPOINT, DRIVER, FLAGS, OPTIONS, UKOPTIONS, FIELDS };

static int mount_line(const char *line)
{
	char *fields[FIELDS], *copy = strdup(line), *at = copy;
	int error;

	if (!copy)
		return -ENOMEM;
	for (int i = 0; i < FIELDS; i++) {
		char *colon = strchr(at, ':');

		fields[i] = at;
		at = colon ? colon + 1 : at + strlen(at);
		if (colon && i < FIELDS - 1)
			*colon = '\0';
	}
	error = vfs_mount(fields[DEVICE], fields[MOUNTPOINT], fields[DRIVER], fields[UKOPTIONS]);
	free(copy);
	return error;
}

UK_LIBPARAM(vfs_fstab, "vfs.fstab", mount_line);
#endif
