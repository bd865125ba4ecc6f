// SPDX-License-Identifier: Apache-2.0
#include <time.h>

#define DAY 86400
#define DAYS_PER_400_YEARS 146097
#define DAYS_TO_1970 719468  // from 1 March of the year 0, where the count starts

// Years start in March here, so that the day that comes every four years is the last of one.
struct tm *gmtime_r(const time_t *time, struct tm *result)
{
	long days = *time / DAY, rest = *time % DAY;
	long era, day_of_era, year_of_era, day_of_year, month, year;

	if (rest < 0) {
		rest += DAY;
		days--;
	}
	result->tm_hour = (int)(rest / 3600);
	result->tm_min = (int)(rest / 60 % 60);
	result->tm_sec = (int)(rest % 60);
	result->tm_wday = (int)(((days + 4) % 7 + 7) % 7);

	days += DAYS_TO_1970;
	era = (days >= 0 ? days : days - DAYS_PER_400_YEARS + 1) / DAYS_PER_400_YEARS;
	day_of_era = days - era * DAYS_PER_400_YEARS;
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month = (5 * day_of_year + 2) / 153;
	result->tm_mday = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	result->tm_mon = (int)(month < 10 ? month + 2 : month - 10);
	year = year_of_era + era * 400 + (result->tm_mon < 2);
	result->tm_year = (int)(year - 1900);
	// January and February are the end of such a year, and the start of a real one.
	result->tm_yday = (int)(day_of_year >= 306 ? day_of_year - 306 :
		day_of_year + 59 + (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)));
	return result;
}
