// The directory that a virtual machine monitor starts in.

import {
  chmodSync,
  constants,
  copyFileSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** What has to be in it, by plain names. */
export interface WorkPlace {
  /** Absolute paths that links lead to. */
  readonly links: Readonly<Record<string, string>>;
  /** Absolute paths of files of which there are copies, as the guest may write to them. */
  readonly copies?: Readonly<Record<string, string>>;
  /** Texts of small files. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * What `use` gives, which is called with a directory below `parent` that holds `place` and is gone
 * afterwards. The links are there as monitors split the paths of files at blanks and commas.
 */
export async function withDirectory<T>(
  parent: string,
  { links, copies = {}, files }: WorkPlace,
  use: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(parent, "kraft-machine-"));
  try {
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(directory, name));
    for (const [name, source] of Object.entries(copies)) {
      copyFileSync(source, join(directory, name), constants.COPYFILE_FICLONE);
      chmodSync(join(directory, name), 0o600); // Outputs are read-only.
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
