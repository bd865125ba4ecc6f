// SPDX-License-Identifier: Apache-2.0
// The first 4 GiB, each address mapped to itself, in pages of 2 MiB. Made by the assembler, so
// that there is nothing to do, and nothing to get wrong, before paging is on.

#define PRESENT_WRITABLE 0x3
#define LARGE 0x80

.section .data.page_table, "aw"
.balign 0x1000
.global kvm_pml4
kvm_pml4:
	.quad kvm_pdpt + PRESENT_WRITABLE
	.zero 511 * 8
kvm_pdpt:
	.quad kvm_directories + PRESENT_WRITABLE
	.quad kvm_directories + 0x1000 + PRESENT_WRITABLE
	.quad kvm_directories + 0x2000 + PRESENT_WRITABLE
	.quad kvm_directories + 0x3000 + PRESENT_WRITABLE
	.zero 508 * 8
kvm_directories:
	.set page, 0
	.rept 4 * 512
	.quad (page << 21) + LARGE + PRESENT_WRITABLE
	.set page, page + 1
	.endr
