// SPDX-License-Identifier: Apache-2.0
#ifndef HELLO_H
#define HELLO_H

// Prints /greeting.txt, where there is one.
void print_greeting_file(void);

void print_time(void);

#endif
