// SPDX-License-Identifier: Apache-2.0
#ifndef STEPS_H
#define STEPS_H

// What main gets. Parameters of libraries are read on the way.
int boot_args(char ***argv);

void boot_init(void);
void boot_banner(void);

#endif
