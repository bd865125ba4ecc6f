// SPDX-License-Identifier: Apache-2.0
// Source: the Multiboot specification, version 0.6.96, section 3.3.
#include <kvm/boot.h>

#define HAS_MEMORY 0x1
#define HAS_CMDLINE 0x4
#define HAS_MODULES 0x8
#define HAS_MEMORY_MAP 0x40
#define USABLE 1

struct multiboot_info {
	uint32_t flags;
	uint32_t mem_lower, mem_upper;  // KiB, below 1 MiB and from there on
	uint32_t boot_device;
	uint32_t cmdline;
	uint32_t mods_count, mods_addr;
	uint32_t syms[4];
	uint32_t mmap_length, mmap_addr;
};

struct multiboot_module {
	uint32_t start, end, cmdline, reserved;
};

struct multiboot_region {
	uint32_t size;  // of what follows
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

static void read_memory_map(struct ukplat_bootinfo *info, const struct multiboot_info *mbi)
{
	uintptr_t at = mbi->mmap_addr, end = at + mbi->mmap_length;

	while (at < end) {
		const struct multiboot_region *region = (const struct multiboot_region *)at;

		if (region->type == USABLE)
			kvm_add_ram(info, region->base, region->length);
		at += region->size + sizeof(region->size);
	}
}

void kvm_read_multiboot(struct ukplat_bootinfo *info, uintptr_t address)
{
	const struct multiboot_info *mbi = (const struct multiboot_info *)address;

	info->protocol = "multiboot";
	if (mbi->flags & HAS_CMDLINE)
		kvm_set_cmdline(info, mbi->cmdline);
	if ((mbi->flags & HAS_MODULES) && mbi->mods_count > 0) {
		const struct multiboot_module *module =
			(const struct multiboot_module *)(uintptr_t)mbi->mods_addr;

		info->initrd.base = module->start;
		info->initrd.length = module->end - module->start;
	}
	if (mbi->flags & HAS_MEMORY_MAP)
		read_memory_map(info, mbi);
	else if (mbi->flags & HAS_MEMORY)
		kvm_add_ram(info, 0x100000, (uint64_t)mbi->mem_upper << 10);
}
