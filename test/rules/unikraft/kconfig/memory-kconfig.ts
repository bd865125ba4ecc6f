import { formatDotConfig } from "../../../../rules/unikraft/kconfig/dot-config.ts";
import { readKconfig, resolveDefconfig } from "../../../../rules/unikraft/kconfig/kconfig.ts";
import type { KconfigWorld, ParsedKconfig } from "../../../../rules/unikraft/kconfig/parse.ts";

/** Files by path, the first of them `Kconfig`. */
export type KconfigFiles = Readonly<Record<string, string>>;

/** What `files` declare; commands print themselves, and `HOME_OF` is the only variable. */
export function kconfigIn(files: KconfigFiles): ParsedKconfig {
  const world: KconfigWorld = {
    read: (path) => files[path],
    glob: (pattern) => {
      const [before = "", after] = pattern.split("*");
      const fits = (path: string): boolean =>
        after === undefined ? path === pattern : path.startsWith(before) && path.endsWith(after);
      return Object.keys(files).filter(fits).sort();
    },
    shell: (command) => `${command}\n`,
    environment: (name) => (name === "HOME_OF" ? "kconfig" : undefined),
  };
  return readKconfig("Kconfig", world);
}

/** The lines about options that `text` and `wishes` come to. */
export function linesOf(text: string, wishes = "", files: KconfigFiles = {}): string[] {
  const kconfig = kconfigIn({ Kconfig: text, ...files });
  const dotConfig = formatDotConfig(kconfig.root, resolveDefconfig(kconfig, wishes));
  return dotConfig.split("\n").filter((line) => line.includes("CONFIG_"));
}
