import type { Template } from "../../src/index.ts";

/** A first app: one that says hello. */
export const hello: Template = {
  name: "hello",
  description: "a Kraftfile: an app in C on Unikraft that says hello",
  files: ({ name, schema }) => ({
    Kraftfile: kraftfile(name, schema("kraftfile")),
    "Makefile.uk": makefile,
    "main.c": main,
  }),
};

/** The release is the newest that boots on any processor. */
const kraftfile = (
  name: string,
  schema: string,
): string => `# yaml-language-server: $schema=${schema}
spec: v0.6
name: ${name}

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
