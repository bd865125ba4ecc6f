// SPDX-License-Identifier: Apache-2.0
// From 32-bit mode to 64-bit mode, and on to C. %edi is the protocol that the loader spoke, %esi
// where it left what it has to say.
#include <uk/bits/config.h>
#include <kvm/boot.h>

#define CR0_PAGING 0x80000000
#define CR4_PAE 0x20
#define MSR_EFER 0xc0000080
#define EFER_LONG_MODE 0x100

.section .text.boot, "ax"
.code32
.global kvm_enter_long_mode
kvm_enter_long_mode:
	movl %cr4, %eax
	orl $CR4_PAE, %eax
	movl %eax, %cr4
	movl $kvm_pml4, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_LONG_MODE, %eax
	wrmsr
	movl %cr0, %eax
	orl $CR0_PAGING, %eax
	movl %eax, %cr0
	lgdt kvm_gdt_pointer
	ljmp $KVM_CODE64, $kvm_start64

.code64
.global kvm_start64
kvm_start64:
	movl $KVM_DATA, %eax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	xorl %eax, %eax
	movw %ax, %fs
	movw %ax, %gs
	movq $kvm_stack_top, %rsp
	// A walk up the frames ends here.
	xorl %ebp, %ebp
	movl %edi, %edi
	movl %esi, %esi
	call kvm_setup
1:	cli
	hlt
	jmp 1b

.section .data.boot, "aw"
.balign 8
kvm_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff  /* KVM_CODE32 */
	.quad 0x00af9b000000ffff  /* KVM_CODE64 */
	.quad 0x00cf93000000ffff  /* KVM_DATA */
kvm_gdt_end:
.global kvm_gdt_pointer
kvm_gdt_pointer:
	.word kvm_gdt_end - kvm_gdt - 1
	.quad kvm_gdt

.section .bss.stack, "aw", @nobits
.balign 16
	.space CONFIG_KVM_STACK_SIZE
.global kvm_stack_top
kvm_stack_top:
