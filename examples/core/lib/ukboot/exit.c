// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include <uk/plat/power.h>
#include <uk/print.h>

void exit(int status)
{
	uk_pr_info("main ended with %d\n", status);
	ukplat_terminate(status);
}

void abort(void)
{
	uk_pr_err("aborted\n");
	ukplat_crash();
}
