// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include <uk/config.h>

int main(int argc, char *argv[])
{
	for (int i = 0; i < CONFIG_APPUNIKRAFTHELLO_TIMES; i++)
		printf("Hello from kraft-graph, on Unikraft!\n");
	for (int i = 1; i < argc; i++)
		printf("argument %d: %s\n", i, argv[i]);
	return 0;
}
