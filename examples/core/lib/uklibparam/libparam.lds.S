// SPDX-License-Identifier: Apache-2.0
SECTIONS
{
	.uk_libparam : {
		. = ALIGN(8);
		uk_libparam_start = .;
		KEEP(*(.uk_libparam))
		uk_libparam_end = .;
	}
}
INSERT AFTER .rodata;
