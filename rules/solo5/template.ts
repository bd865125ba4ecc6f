import type { Template } from "../../src/index.ts";

/** An application in C that says hello. */
export const application: Template = {
  name: "solo5",
  description: "an application in C on an installed Solo5, for its tenders spt and hvt",
  files: ({ name, schema }) => ({
    "kraft.build.yaml": `# yaml-language-server: $schema=${schema("kraft.build")}
version: 1
targets:
  - name: ${name}
    rule: solo5
    default: true
    srcs: [main.c]
    abis: [spt, hvt]
    args: [world]
`,
    "manifest.json": '{"type": "solo5.manifest", "version": 1, "devices": []}\n',
    "main.c": main,
  }),
};

const main = `#include "solo5.h"

static void say(const char *text)
{
	size_t size = 0;

	while (text[size])
		size++;
	solo5_console_write(text, size);
}

int solo5_app_main(const struct solo5_start_info *info)
{
	say("Hello, ");
	say(info->cmdline);
	say("\\n");
	return SOLO5_EXIT_SUCCESS;
}
`;
