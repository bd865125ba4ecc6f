// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <time.h>

#include "hello.h"

void print_time(void)
{
	time_t now = time(NULL);
	struct tm date;

	gmtime_r(&now, &date);
	printf("it is %04d-%02d-%02d %02d:%02d UTC\n", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday,
		date.tm_hour, date.tm_min);
}
