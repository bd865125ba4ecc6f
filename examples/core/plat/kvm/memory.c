// SPDX-License-Identifier: Apache-2.0
#include <uk/essentials.h>
#include <uk/plat/bootinfo.h>

#include <kvm/boot.h>

#define PAGE 0x1000ul
#define MAPPED (4ul << 30)

static struct ukplat_region larger(struct ukplat_region best, uintptr_t from, uintptr_t to)
{
	from = ALIGN_UP(from, PAGE);
	to = ALIGN_DOWN(to, PAGE);
	if (to <= from || to - from <= best.length)
		return best;
	return (struct ukplat_region){from, to - from};
}

struct ukplat_region ukplat_heap_region(void)
{
	const struct ukplat_bootinfo *info = ukplat_bootinfo_get();
	uintptr_t initrd = info->initrd.base, initrd_end = initrd + info->initrd.length;
	struct ukplat_region best = {0, 0};

	for (size_t i = 0; i < info->nram; i++) {
		// Below the image is what firmware and loader left behind.
		uintptr_t from = MAX(info->ram[i].base, (uintptr_t)kvm_image_end);
		uintptr_t to = MIN(info->ram[i].base + info->ram[i].length, MAPPED);

		if (from >= to)
			continue;
		if (info->initrd.length == 0 || initrd_end <= from || initrd >= to) {
			best = larger(best, from, to);
			continue;
		}
		best = larger(best, from, initrd);
		best = larger(best, initrd_end, to);
	}
	return best;
}
