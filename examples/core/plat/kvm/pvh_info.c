// SPDX-License-Identifier: Apache-2.0
// Source: Xen, public/arch-x86/hvm/start_info.h.
#include <kvm/boot.h>

#define PVH_MAGIC 0x336ec578
#define USABLE 1

struct start_info {
	uint32_t magic, version, flags, nr_modules;
	uint64_t modlist, cmdline, rsdp, memmap;
	uint32_t memmap_entries, reserved;  // since version 1
};

struct pvh_module {
	uint64_t base, length, cmdline, reserved;
};

struct pvh_region {
	uint64_t base, length;
	uint32_t type, reserved;
};

void kvm_read_pvh(struct ukplat_bootinfo *info, uintptr_t address)
{
	const struct start_info *start = (const struct start_info *)address;

	if (start->magic != PVH_MAGIC)
		return;
	info->protocol = "pvh";
	kvm_set_cmdline(info, start->cmdline);
	if (start->nr_modules > 0) {
		const struct pvh_module *module = (const struct pvh_module *)start->modlist;

		info->initrd.base = module->base;
		info->initrd.length = module->length;
	}
	if (start->version < 1)
		return;
	for (uint32_t i = 0; i < start->memmap_entries; i++) {
		const struct pvh_region *region = (const struct pvh_region *)start->memmap + i;

		if (region->type == USABLE)
			kvm_add_ram(info, region->base, region->length);
	}
}
