// SPDX-License-Identifier: Apache-2.0
// Exceptions: registers to the stack, then to C, which does not come back.

// The processor pushes an error code for 8, 10 to 14, 17, 21, 29 and 30.
#define WITH_CODE 0x60227d00

.section .text.trap, "ax"
.balign 16
.global kvm_trap_stubs
kvm_trap_stubs:
	.set vector, 0
	.rept 32
	.balign 16
	.if ((WITH_CODE >> vector) & 1) == 0
	pushq $0
	.endif
	pushq $vector
	jmp kvm_trap_common
	.set vector, vector + 1
	.endr

kvm_trap_common:
	pushq %rbp
	movq %rsp, %rdi
	andq $-16, %rsp
	call kvm_trap
