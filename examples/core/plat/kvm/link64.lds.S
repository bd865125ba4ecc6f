// SPDX-License-Identifier: Apache-2.0
// Where everything is in memory. One segment for each kind of access.
#include <uk/bits/config.h>

OUTPUT_FORMAT(elf64-x86-64)
OUTPUT_ARCH(i386:x86-64)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
#if CONFIG_KVM_BOOT_PROTO_LXBOOT
	note PT_NOTE FLAGS(4);
#endif
}

SECTIONS
{
	. = 0x100000;
	kvm_image_start = .;

	.text : {
		// Loaders look for this in the first 8 KiB of the file.
		KEEP(*(.multiboot))
		KEEP(*(.text.boot))
		*(.text .text.*)
	} :text

	. = ALIGN(0x1000);
	.rodata : { *(.rodata .rodata.*) } :rodata
#if CONFIG_KVM_BOOT_PROTO_LXBOOT
	.note.pvh : { KEEP(*(.note.pvh)) } :rodata :note
#endif

	. = ALIGN(0x1000);
	.data : { *(.data .data.*) } :data
	.bss : { *(.bss .bss.* COMMON) } :data
	kvm_image_end = .;

	/DISCARD/ : { *(.note.GNU-stack .comment .eh_frame) }
}
