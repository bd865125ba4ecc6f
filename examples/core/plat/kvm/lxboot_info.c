// SPDX-License-Identifier: Apache-2.0
// Source: Linux, Documentation/arch/x86/boot.rst and zero-page.rst.
#include <string.h>

#include <kvm/boot.h>

#define E820_COUNT 0x1e8
#define RAMDISK_IMAGE 0x218
#define RAMDISK_SIZE 0x21c
#define CMD_LINE_PTR 0x228
#define E820_TABLE 0x2d0
#define E820_USABLE 1

struct e820_entry {
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

static uint32_t word_at(uintptr_t zero_page, size_t offset)
{
	uint32_t value;

	memcpy(&value, (const char *)zero_page + offset, sizeof(value));
	return value;
}

void kvm_read_lxboot(struct ukplat_bootinfo *info, uintptr_t zero_page)
{
	const struct e820_entry *table = (const struct e820_entry *)(zero_page + E820_TABLE);
	uint8_t count = *(const uint8_t *)(zero_page + E820_COUNT);

	info->protocol = "lxboot";
	kvm_set_cmdline(info, word_at(zero_page, CMD_LINE_PTR));
	info->initrd.base = word_at(zero_page, RAMDISK_IMAGE);
	info->initrd.length = word_at(zero_page, RAMDISK_SIZE);
	for (uint8_t i = 0; i < count; i++)
		if (table[i].type == E820_USABLE)
			kvm_add_ram(info, table[i].base, table[i].length);
}
