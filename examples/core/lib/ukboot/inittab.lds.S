// SPDX-License-Identifier: Apache-2.0
SECTIONS
{
	.uk_inittab : {
		. = ALIGN(8);
		uk_inittab_start = .;
		KEEP(*(SORT_BY_NAME(.uk_inittab.*)))
		uk_inittab_end = .;
	}
}
INSERT AFTER .rodata;
