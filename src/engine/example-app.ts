/**
 * The files of a first app, by path: one that says hello, on Unikraft itself. `schema` gives the
 * address of a schema by its name. The release is the newest that boots on any processor.
 */
export function exampleFiles(
  schema: (name: string) => string,
): readonly (readonly [path: string, text: string])[] {
  return [
    ["hello/Kraftfile", kraftfile(schema("kraftfile"))],
    ["hello/Makefile.uk", makefile],
    ["hello/main.c", main],
  ];
}

const kraftfile = (schema: string): string => `# yaml-language-server: $schema=${schema}
spec: v0.6
name: hello

unikraft:
  source: https://github.com/unikraft/unikraft.git
  version: 0.16.3

targets:
  - qemu/x86_64
  - qemu/arm64

cmd: ["world"]
`;

const makefile = `$(eval $(call addlib,apphello))

APPHELLO_SRCS-y += $(APPHELLO_BASE)/main.c
`;

const main = `#include <stdio.h>

int main(int argc, char *argv[])
{
	printf("Hello from a unikernel!\\n");
	for (int i = 1; i < argc; i++)
		printf("argument %d: %s\\n", i, argv[i]);
	return 0;
}
`;
