// SPDX-License-Identifier: Apache-2.0
// Between the entry points, in assembly, and what reads a loader's words.
#ifndef KVM_BOOT_H
#define KVM_BOOT_H

#define KVM_PROTOCOL_MULTIBOOT 1
#define KVM_PROTOCOL_LXBOOT 2
#define KVM_PROTOCOL_PVH 3

#define KVM_CODE32 0x08
#define KVM_CODE64 0x10
#define KVM_DATA 0x18

#ifndef __ASSEMBLY__
#include <uk/plat/bootinfo.h>

void kvm_read_multiboot(struct ukplat_bootinfo *info, uintptr_t address);
void kvm_read_lxboot(struct ukplat_bootinfo *info, uintptr_t address);
void kvm_read_pvh(struct ukplat_bootinfo *info, uintptr_t address);

void kvm_set_cmdline(struct ukplat_bootinfo *info, uintptr_t address);
void kvm_add_ram(struct ukplat_bootinfo *info, uint64_t base, uint64_t length);

void kvm_serial_init(void);
void kvm_trap_init(void);

extern char kvm_image_start[], kvm_image_end[];
#endif

#endif
