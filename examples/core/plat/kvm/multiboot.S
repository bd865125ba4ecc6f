// SPDX-License-Identifier: Apache-2.0
// Where a Multiboot loader, such as QEMU, starts: in 32-bit mode, without paging.
#include <kvm/boot.h>

#define MAGIC 0x1badb002
#define FLAGS 0x3  /* modules on pages of their own, and how much memory there is */

.section .multiboot, "a"
.balign 4
	.long MAGIC
	.long FLAGS
	.long -(MAGIC + FLAGS)

.section .text.boot, "ax"
.code32
.global kvm_multiboot_entry
kvm_multiboot_entry:
	cli
	cld
	movl $KVM_PROTOCOL_MULTIBOOT, %edi
	movl %ebx, %esi
	jmp kvm_enter_long_mode
