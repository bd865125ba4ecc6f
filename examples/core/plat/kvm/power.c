// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>

#include <uk/plat/power.h>

#include <kvm/io.h>

#define DEBUG_EXIT 0xf4         // QEMU's isa-debug-exit, where it is asked for
#define CRASH_EXIT 0x501        // the same, for crashes
#define CRASH_VALUE 41          // QEMU ends with twice that, plus one
#define ACPI_CONTROL 0x604      // PM1a of QEMU's boards
#define ACPI_SLEEP_S5 0x2000
#define ACPI_TIMER 0x608        // of the same, at 3.58 MHz
#define ACPI_TIMER_TRIES 10000
#define KEYBOARD 0x64
#define KEYBOARD_RESET 0xfe     // how Firecracker is told to end

static void power_off(void) __noreturn;

static bool has_acpi(void)
{
	uint32_t first = inl(ACPI_TIMER);

	for (int i = 0; i < ACPI_TIMER_TRIES; i++)
		if (inl(ACPI_TIMER) != first)
			return true;
	return false;
}

static void power_off(void)
{
	// Not one after the other: QEMU takes a while to power off, and would be reset meanwhile.
	if (has_acpi())
		outw(ACPI_CONTROL, ACPI_SLEEP_S5);
	else
		outb(KEYBOARD, KEYBOARD_RESET);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void ukplat_terminate(int status)
{
	// The device can only make QEMU end with an odd status, so success goes without: else nobody
	// could tell it from a QEMU that failed.
	if (status != 0)
		outl(DEBUG_EXIT, (uint32_t)status & 0x7f);
	power_off();
}

void ukplat_crash(void)
{
	outw(CRASH_EXIT, CRASH_VALUE);
	outl(DEBUG_EXIT, CRASH_VALUE);
	power_off();
}
