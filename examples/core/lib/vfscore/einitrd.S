// SPDX-License-Identifier: Apache-2.0
// The root file system, as part of the kernel.
#include <uk/bits/config.h>

.section .rodata.einitrd, "a"
.balign 4096
.global einitrd_start
einitrd_start:
	.incbin CONFIG_LIBVFSCORE_AUTOMOUNT_EINITRD_PATH
.global einitrd_end
einitrd_end:
