// SPDX-License-Identifier: Apache-2.0
// What the loader told the platform, in one form for all ways to boot.
#ifndef UK_PLAT_BOOTINFO_H
#define UK_PLAT_BOOTINFO_H

#include <stddef.h>
#include <stdint.h>

#include <uk/bits/config.h>

#define UKPLAT_CMDLINE_MAX CONFIG_LIBUKBOOT_CMDLINE_MAX_LEN
#define UKPLAT_MAX_RAM_REGIONS 16

struct ukplat_region {
	uintptr_t base;
	size_t length;
};

struct ukplat_bootinfo {
	const char *protocol;
	char cmdline[UKPLAT_CMDLINE_MAX];
	struct ukplat_region initrd;  // of length 0 when there is none
	struct ukplat_region ram[UKPLAT_MAX_RAM_REGIONS];
	size_t nram;
};

struct ukplat_bootinfo *ukplat_bootinfo_get(void);

// The largest piece of memory that nothing is in.
struct ukplat_region ukplat_heap_region(void);

#endif
