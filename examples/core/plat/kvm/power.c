// SPDX-License-Identifier: Apache-2.0
#include <uk/plat/power.h>

#include <kvm/io.h>

#define DEBUG_EXIT 0xf4         // QEMU's isa-debug-exit, where it is asked for
#define CRASH_EXIT 0x501        // the same, for crashes
#define CRASH_VALUE 41          // QEMU ends with twice that, plus one
#define ACPI_CONTROL 0x604      // PM1a of QEMU's boards
#define ACPI_SLEEP_S5 0x2000
#define KEYBOARD 0x64
#define KEYBOARD_RESET 0xfe     // how Firecracker is told to end

static void power_off(void) __noreturn;

static void power_off(void)
{
	outw(ACPI_CONTROL, ACPI_SLEEP_S5);
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
