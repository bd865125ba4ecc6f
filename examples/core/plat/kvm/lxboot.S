// SPDX-License-Identifier: Apache-2.0
// Where Firecracker starts: at the 64-bit entry of the Linux boot protocol, or, when it goes by
// the note below, at that of PVH in 32-bit mode.
#include <kvm/boot.h>

#define XEN_ELFNOTE_PHYS32_ENTRY 18

.section .note.pvh, "a", @note
.balign 4
	.long 4
	.long 8
	.long XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.quad kvm_pvh_entry

.section .text.boot, "ax"
.code64
.global kvm_lxboot_entry
kvm_lxboot_entry:
	cli
	cld
	movl $KVM_PROTOCOL_LXBOOT, %edi
	// The loader maps less than what is to be used.
	movl $kvm_pml4, %eax
	movq %rax, %cr3
	lgdt kvm_gdt_pointer
	movq $kvm_stack_top, %rsp
	pushq $KVM_CODE64
	pushq $kvm_start64
	lretq

.code32
.global kvm_pvh_entry
kvm_pvh_entry:
	cli
	cld
	movl $KVM_PROTOCOL_PVH, %edi
	movl %ebx, %esi
	jmp kvm_enter_long_mode
