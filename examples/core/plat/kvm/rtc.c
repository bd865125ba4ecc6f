// SPDX-License-Identifier: Apache-2.0
// The time of day, from the board's clock, which QEMU keeps in UTC unless told otherwise.
#include <uk/plat/time.h>

#include <kvm/io.h>

#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
#define STATUS_A 0x0a
#define STATUS_B 0x0b
#define UPDATING 0x80
#define BINARY 0x04
#define TRIES 1000000

static uint8_t cmos(uint8_t index)
{
	outb(CMOS_INDEX, index);
	return inb(CMOS_DATA);
}

static int field(uint8_t index, uint8_t status)
{
	uint8_t value = cmos(index);

	return status & BINARY ? value : (value >> 4) * 10 + (value & 0xf);
}

// Days from 1970-01-01 to a day of the Gregorian calendar; a year starts in March here.
static int64_t days_of(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

int64_t ukplat_wall_clock(void)
{
	uint8_t status = cmos(STATUS_B);
	int64_t seconds, again = -1;

	do {
		for (int i = 0; i < TRIES && (cmos(STATUS_A) & UPDATING); i++)
			;
		seconds = again;
		again = days_of(2000 + field(9, status), field(8, status), field(7, status)) * 86400 +
			field(4, status) * 3600 + field(2, status) * 60 + field(0, status);
	} while (again != seconds);  // Twice the same: nothing changed in between.
	return seconds;
}
