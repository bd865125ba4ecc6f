// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include <uk/bits/config.h>
#include <uk/boot.h>

#include "steps.h"

void boot_banner(void)
{
#if CONFIG_LIBUKBOOT_BANNER_CLASSIC
	puts("   o--o--o");
	puts("  /|     |\\    kraft-graph example core");
	puts(" o o--o--o o");
#endif
	printf("core %s, built %s\n", uk_version, uk_build_time);
}
