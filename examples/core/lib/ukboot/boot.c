// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include <uk/alloc.h>
#include <uk/bits/config.h>
#include <uk/boot.h>
#include <uk/plat/bootinfo.h>
#include <uk/print.h>

#include "steps.h"

extern int main(int argc, char *argv[]);

void uk_boot(void)
{
	struct ukplat_region heap = ukplat_heap_region();
	char **argv;
	int argc;

	if (heap.length == 0) {
		uk_pr_err("there is no memory for a heap\n");
		abort();
	}
	uk_alloc_init((void *)heap.base, heap.length);
	uk_pr_info("booted by %s, with %lu KiB of heap\n", ukplat_bootinfo_get()->protocol, heap.length >> 10);
#if !CONFIG_LIBUKBOOT_BANNER_NONE
	boot_banner();
#endif
	argc = boot_args(&argv);
	boot_init();
	exit(main(argc, argv));
}
