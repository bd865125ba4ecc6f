// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <ramfs.h>
#include <uk/bits/config.h>
#include <uk/debug.h>
#include <uk/plat/bootinfo.h>
#include <uk/print.h>

#include "mounting.h"

#define MAX_MOUNTS 8

static struct {
	char device[16], mountpoint[64];
} mounts[MAX_MOUNTS];
static size_t nmounts;

struct vfs_node *vfs_root(void)
{
	static struct vfs_node *root;

	if (!root)
		root = ramfs_create();
	UK_ASSERT(root);
	return root;
}

// Where the archive is that `device` holds.
static bool archive_of(const char *device, struct ukplat_region *archive)
{
	*archive = ukplat_bootinfo_get()->initrd;
	if (!strcmp(device, "initrd0"))
		return archive->length > 0;
#if CONFIG_LIBVFSCORE_AUTOMOUNT_CI_EINITRD
	if (!strcmp(device, "embedded0")) {
		archive->base = (uintptr_t)einitrd_start;
		archive->length = (size_t)(einitrd_end - einitrd_start);
		return true;
	}
#endif
	return false;
}

static bool is_mounted(const char *device, const char *mountpoint)
{
	for (size_t i = 0; i < nmounts; i++)
		if (!strcmp(mounts[i].device, device) && !strcmp(mounts[i].mountpoint, mountpoint))
			return true;
	return false;
}

int vfs_mount(const char *device, const char *mountpoint, const char *driver, const char *options)
{
	struct ukplat_region archive;
	struct vfs_node *directory;
	int error = 0;

	(void)options;  // A mount point is always made.
	// The command line may ask for what is compiled in as well.
	if (is_mounted(device, mountpoint))
		return 0;
	if (nmounts == MAX_MOUNTS)
		return -ENOMEM;
	directory = make_directories(vfs_root(), mountpoint, strlen(mountpoint));
	if (!directory)
		return -ENOTDIR;
	if (!strcmp(driver, "extract"))
		error = archive_of(device, &archive) ?
			extract((const char *)archive.base, archive.length, directory) : -ENODEV;
	else if (strcmp(driver, "ramfs"))
		error = -ENODEV;
	if (error)
		return error;
	strlcpy(mounts[nmounts].device, device, sizeof(mounts->device));
	strlcpy(mounts[nmounts++].mountpoint, mountpoint, sizeof(mounts->mountpoint));
	uk_pr_info("%s is mounted at %s\n", device, mountpoint);
	return 0;
}
