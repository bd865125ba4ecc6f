// Packages to begin with: from sources to an image for urunc, in one graph.

import type { Template } from "../../src/index.ts";

/** A bunnyfile for an app of ours. */
export const bunnyfile: Template = {
  name: "bunnyfile",
  description: "a bunnyfile: an app in C on Unikraft, and its image for urunc",
  files: ({ packagePath, name, schema }) => ({
    ...app(name, schema("kraftfile"), "qemu"),
    "greeting.txt": "Hello from a unikernel!\n",
    bunnyfile: `#syntax=harbor.nbfc.io/nubificus/bunny:latest
version: v0.1
platforms:
  framework: unikraft
  monitor: qemu
  architecture: x86_64
rootfs:
  from: scratch
  type: initrd
  include:
    - greeting.txt:/greeting.txt
kernel:
  # A target of the workspace; "from: local" with a path takes a file.
  from: //${packagePath}:qemu-x86_64
cmd: [hello]
`,
  }),
};

/** A Containerfile for what is in containers already. */
export const containerfile: Template = {
  name: "containerfile",
  description: "a Containerfile with bunny's syntax line: a web server on Linux, for urunc",
  files: () => ({
    Containerfile: `#syntax=harbor.nbfc.io/nubificus/bunny:latest
FROM docker.io/library/nginx:1.27-alpine
COPY index.html /usr/share/nginx/html/index.html
LABEL "com.urunc.unikernel.unikernelType"="linux"
LABEL "com.urunc.unikernel.hypervisor"="qemu"
`,
    "index.html": "<h1>Hello from a unikernel!</h1>\n",
  }),
};

/** An args.nix for an app of ours. */
export const argsNix: Template = {
  name: "bunix",
  description: "an args.nix: an app in C on Unikraft for Firecracker, and its image for urunc",
  files: ({ packagePath, name, schema }) => ({
    ...app(name, schema("kraftfile"), "fc"),
    "greeting.txt": "Hello from a unikernel!\n",
    "args.nix": `{
  name = "${packagePath.toLowerCase()}";
  tag = "latest";
  files = {
    # A target of the workspace; "./kernel" is a file of the package.
    "//${packagePath}:fc-x86_64" = "/unikernel/app";
    "./greeting.txt" = "/greeting.txt";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "firecracker";
    binary = "/unikernel/app";
    cmdline = "hello";
  };
}
`,
  }),
};

/** An app on Unikraft, built from its source for one platform. */
function app(name: string, schema: string, platform: string): Readonly<Record<string, string>> {
  return {
    Kraftfile: `# yaml-language-server: $schema=${schema}
spec: v0.6
name: ${name}

unikraft:
  source: https://github.com/unikraft/unikraft.git
  version: 0.16.3

targets:
  - ${platform}/x86_64
`,
    "Makefile.uk": `$(eval $(call addlib,apphello))

APPHELLO_SRCS-y += $(APPHELLO_BASE)/main.c
`,
    "main.c": `#include <stdio.h>

int main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		puts(argv[i]);
	return 0;
}
`,
  };
}
