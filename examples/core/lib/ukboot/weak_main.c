// SPDX-License-Identifier: Apache-2.0
// For images without an application.
#include <stdio.h>

#include <uk/essentials.h>

int main(int argc, char *argv[]);

int __weak main(int argc, char *argv[])
{
	printf("This is %s, which has no main. Its arguments:\n", argv[0]);
	for (int i = 1; i < argc; i++)
		printf("  %s\n", argv[i]);
	return 0;
}
