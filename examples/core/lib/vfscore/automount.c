// SPDX-License-Identifier: Apache-2.0
// The root file system of the configuration.
#include <errno.h>

#include <uk/bits/config.h>
#include <uk/init.h>
#include <uk/plat/bootinfo.h>
#include <vfscore/node.h>

static int automount(void)
{
#if CONFIG_LIBVFSCORE_AUTOMOUNT_CI_EINITRD
	return vfs_mount("embedded0", "/", "extract", "");
#elif CONFIG_LIBVFSCORE_AUTOMOUNT_CI_INITRD
	return ukplat_bootinfo_get()->initrd.length ? vfs_mount("initrd0", "/", "extract", "") : 0;
#else
	return 0;
#endif
}

UK_INIT(automount, UK_INIT_ROOTFS);
