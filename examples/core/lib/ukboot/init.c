// SPDX-License-Identifier: Apache-2.0
#include <uk/init.h>
#include <uk/plat/power.h>
#include <uk/print.h>

#include "steps.h"

extern const struct uk_init *const uk_inittab_start[], *const uk_inittab_end[];

void boot_init(void)
{
	for (const struct uk_init *const *it = uk_inittab_start; it < uk_inittab_end; it++) {
		uk_pr_debug("init: %s\n", (*it)->name);
		if ((*it)->run() != 0) {
			uk_pr_err("init: %s failed\n", (*it)->name);
			ukplat_terminate(1);
		}
	}
}
