// SPDX-License-Identifier: Apache-2.0
#include <uk/bits/config.h>
#include <uk/argparse.h>
#include <uk/plat/bootinfo.h>
#include <uk/plat/power.h>
#include <uk/print.h>
#if CONFIG_LIBUKLIBPARAM
#include <uk/libparam.h>
#endif

#include "steps.h"

static char *words[CONFIG_LIBUKBOOT_MAXNBARGS + 1];
static char unnamed[] = "unikernel";

int boot_args(char ***argv)
{
	struct ukplat_bootinfo *info = ukplat_bootinfo_get();
	int count = uk_argparse(info->cmdline, words, CONFIG_LIBUKBOOT_MAXNBARGS);
	int skipped = 0;

	if (count < 0) {
		uk_pr_err("the command line has more than %d words\n", CONFIG_LIBUKBOOT_MAXNBARGS);
		ukplat_terminate(1);
	}
	if (count == 0)
		words[count++] = unnamed;
#if CONFIG_LIBUKLIBPARAM
	skipped = uk_libparam_parse(count - 1, words + 1);
#endif
	// The name of the kernel comes first, whatever stands between it and the arguments.
	words[skipped] = words[0];
	words[count] = NULL;
	*argv = words + skipped;
	return count - skipped;
}
