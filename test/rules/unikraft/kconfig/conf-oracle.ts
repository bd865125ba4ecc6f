// The conf of a core, as its makefiles build and start it. Knows no reader of ours.

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A conf that answers. */
export interface ConfOracle {
  readonly kconfig: string;
  /** What it is started with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it is started. */
  readonly directory: string;
  /** The `.config` that it makes of `defconfig`. */
  readonly answer: (defconfig: string) => string;
}

/** Builds the conf of the core in the directory `core`, for `app` with `libraries`. */
export function confOf(core: string, app: string, libraries: readonly string[]): ConfOracle {
  const place = mkdtempSync(join(tmpdir(), "kraft-conf-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const [build, config, empty] = ["build", ".config", "empty"].map((name) => join(place, name));
  const tool = join(place, "build/kconfig/conf");
  const [real, seen] = [join(place, "conf"), join(place, "seen")];
  writeFileSync(join(place, "empty"), "");
  const make = (): void => {
    const words = [`A=${app}`, `O=${build}`, `L=${libraries.join(":")}`, "N=random", `C=${config}`];
    const goal = [`UK_DEFCONFIG=${empty}`, "defconfig"];
    execFileSync("make", ["--no-print-directory", "-s", "-C", core, ...words, ...goal], {
      stdio: "pipe",
    });
  };
  make();
  renameSync(tool, real);
  // Its makefile knows what it is started with, and nobody else does.
  writeFileSync(tool, `#!/bin/sh\nenv -0 > ${seen}\nexec ${real} "$@"\n`);
  chmodSync(tool, 0o755);
  make();
  const pairs = readFileSync(seen, "utf8").split("\0").filter(Boolean);
  const environment = Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
  const kconfig = join(core, "Config.uk");
  const directory = join(place, "build");
  return {
    kconfig,
    environment,
    directory,
    answer: (defconfig) => {
      const file = join(place, "request");
      writeFileSync(file, defconfig);
      const words = [`--defconfig=${file}`, kconfig];
      const { status, stderr } = spawnSync(real, words, {
        cwd: directory,
        env: environment,
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(stderr);
      return readFileSync(join(place, ".config"), "utf8");
    },
  };
}
