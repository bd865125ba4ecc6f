// SPDX-License-Identifier: Apache-2.0
// Time since the start: the processor's counter, measured against the board's timer.
#include <uk/plat/time.h>

#include <kvm/io.h>

#define PIT_HZ 1193182
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define SPEAKER 0x61
#define TICKS (PIT_HZ / 100)
#define NS_PER_S 1000000000ull
#define GIVE_UP 10000000

static uint64_t first, ticks_per_second;

static uint64_t counter(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

// Counts for a hundredth of a second.
static void calibrate(void)
{
	uint64_t start;

	outb(SPEAKER, (inb(SPEAKER) & 0xfc) | 1);
	outb(PIT_COMMAND, 0xb0);
	outb(PIT_CHANNEL2, TICKS & 0xff);
	outb(PIT_CHANNEL2, TICKS >> 8);
	start = counter();
	// A machine without the timer must not stand still here.
	for (int i = 0; i < GIVE_UP && !(inb(SPEAKER) & 0x20); i++)
		;
	ticks_per_second = (counter() - start) * 100;
	first = start;
}

uint64_t ukplat_monotonic_clock(void)
{
	uint64_t passed;

	if (ticks_per_second == 0)
		calibrate();
	passed = counter() - first;
	return passed / ticks_per_second * NS_PER_S + passed % ticks_per_second * NS_PER_S / ticks_per_second;
}
