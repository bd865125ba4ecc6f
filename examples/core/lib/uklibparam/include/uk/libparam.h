// SPDX-License-Identifier: Apache-2.0
#ifndef UK_LIBPARAM_H
#define UK_LIBPARAM_H

#include <uk/essentials.h>

struct uk_libparam {
	const char *name;  // library.parameter
	// Called once for each value. Anything but 0 refuses it.
	int (*set)(const char *value);
};

// Registers a parameter. The linker puts all of them into one table.
#define UK_LIBPARAM(identifier, parameter, setter)                                         \
	static const struct uk_libparam identifier = {parameter, setter};                  \
	static const struct uk_libparam *const UK_CONCAT(identifier, _entry) __used        \
		__attribute__((section(".uk_libparam"))) = &identifier

// Reads the words of `argv` up to `--`. Gives how many words that is, with the `--`; 0 when there
// is no `--`, as then all words are the application's.
int uk_libparam_parse(int argc, char *argv[]);

#endif
