// SPDX-License-Identifier: Apache-2.0
// The first C: reads what the loader says, and hands over to the library that boots.
#include <string.h>

#include <uk/bits/config.h>
#include <uk/boot.h>
#include <uk/plat/bootinfo.h>

#include <kvm/boot.h>

static struct ukplat_bootinfo bootinfo;

void kvm_setup(uint32_t protocol, uint32_t address);

struct ukplat_bootinfo *ukplat_bootinfo_get(void)
{
	return &bootinfo;
}

void kvm_set_cmdline(struct ukplat_bootinfo *info, uintptr_t address)
{
	// The loader's copy is where the heap will be.
	if (address)
		strlcpy(info->cmdline, (const char *)address, sizeof(info->cmdline));
}

void kvm_add_ram(struct ukplat_bootinfo *info, uint64_t base, uint64_t length)
{
	if (info->nram == UKPLAT_MAX_RAM_REGIONS)
		return;
	info->ram[info->nram].base = base;
	info->ram[info->nram++].length = length;
}

void kvm_setup(uint32_t protocol, uint32_t address)
{
	kvm_serial_init();
	kvm_trap_init();
#if CONFIG_KVM_BOOT_PROTO_MULTIBOOT
	if (protocol == KVM_PROTOCOL_MULTIBOOT)
		kvm_read_multiboot(&bootinfo, address);
#endif
#if CONFIG_KVM_BOOT_PROTO_LXBOOT
	if (protocol == KVM_PROTOCOL_LXBOOT)
		kvm_read_lxboot(&bootinfo, address);
	if (protocol == KVM_PROTOCOL_PVH)
		kvm_read_pvh(&bootinfo, address);
#endif
	uk_boot();
}
