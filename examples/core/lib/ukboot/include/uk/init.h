// SPDX-License-Identifier: Apache-2.0
// What libraries want to have done before main starts.
#ifndef UK_INIT_H
#define UK_INIT_H

#include <uk/essentials.h>

#define UK_INIT_EARLY 1
#define UK_INIT_LIBRARY 3
#define UK_INIT_ROOTFS 5
#define UK_INIT_LATE 7

struct uk_init {
	const char *name;
	int (*run)(void);  // anything but 0 ends the boot
};

// Registers `function` to be run at `level`; those of one level run in any order.
#define UK_INIT(function, level)                                                           \
	static const struct uk_init UK_CONCAT(function, _init) = {#function, function};     \
	static const struct uk_init *const UK_CONCAT(function, _init_entry) __used          \
		__attribute__((section(".uk_inittab." UK_STRINGIFY(level)))) = &UK_CONCAT(function, _init)

#endif
