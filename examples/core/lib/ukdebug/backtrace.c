// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include <uk/debug.h>

#define LOWEST 0x100000ul
#define HIGHEST 0x100000000ul

struct frame {
	uintptr_t caller, return_address;
};

void uk_backtrace(uintptr_t rbp)
{
	for (int i = 0; i < CONFIG_LIBUKDEBUG_BACKTRACE_DEPTH; i++) {
		const struct frame *frame = (const struct frame *)rbp;

		// What crashed may have overwritten the chain: look before the leap.
		if (rbp < LOWEST || rbp >= HIGHEST || rbp % sizeof(rbp) != 0)
			return;
		printf("  called from 0x%lx\n", frame->return_address);
		if (frame->caller <= rbp)
			return;
		rbp = frame->caller;
	}
}
