import { actionsOf, type Expansion } from "../../../../rules/unikraft/expand/actions-of.ts";
import { readMakePlan } from "../../../../rules/unikraft/expand/make-plan.ts";
import { type Action, mountsOf, type WithoutOwner } from "../../../../src/index.ts";

/** An action that a plan comes to. */
export type Expanded = WithoutOwner<Action>;

/** Where actions of the rig see the parts of an image, by path of the graph. */
const mounts = {
  "external/unikraft": "core",
  "libs/crc": "libs/crc",
  "apps/x": "app",
  "out/kernel": "build",
  "out/config/.config": "build/.config",
  "external/kconfig": "build/kconfig",
  "out/rootfs.cpio": "rootfs/rootfs.cpio",
};

/** The step that makes `target` below the build directory, as make prints it. */
export function step(target: string, needs: string, ...recipe: readonly string[]): string {
  const place =
    target.startsWith("/") || target.startsWith("./") ? target : `/kraft/build/${target}`;
  const [first = "", ...others] = recipe;
  // `CC: gcc …` is what the core prints before a command.
  const [, kind, command] = /^([A-Z0-9]+): (.*)$/s.exec(first) ?? [];
  const line = kind === undefined ? first : `printf '  %-7s %s\\n' '${kind}' 'x' && ${command}`;
  const head =
    needs === ""
      ? `Makefile.uk:1: target '${place}' does not exist`
      : `Makefile.uk:1: update target '${place}' due to: ${needs}`;
  return [head, line, ...others, ""].join("\n");
}

/** What the plan `text` comes to, where the sources are all that is not below `build`. */
export function expansionOf(...text: readonly string[]): Expansion {
  return expansionAfter(undefined, ...text);
}

/** The same, when the header of options was written by `earlyCall` before. */
export function expansionAfter(
  earlyCall: string | undefined,
  ...text: readonly string[]
): Expansion {
  return actionsOf(readMakePlan(text.join("")), {
    mounts,
    sources: ["external/unikraft", "libs/crc", "apps/x"],
    skeletons: { core: "external/skeleton.core", app: "external/skeleton.app" },
    without: { "apps/x": ["/Kraftfile*"] },
    tools: ["sh", "gcc", "perl?"],
    isSource: (path) => /^(core|app|libs)\/.*[a-z]/.test(path) && !path.includes("missing"),
    outside: mountsOf({ mounts }).outside,
    embedded: ["rootfs/rootfs.cpio"],
    earlyHeader: "out/options.h",
    earlyCall,
  });
}

/** The actions of the plan `text`. */
export function expanded(...text: readonly string[]): readonly Expanded[] {
  const expansion = expansionOf(...text);
  if (expansion.kind === "opaque") throw new Error(expansion.reason);
  return expansion.actions;
}

/** The only action of the plan `text` that makes `output`, a path of the graph. */
export function actionFor(output: string, ...text: readonly string[]): Expanded {
  const all = expanded(...text).filter(({ outputs }) => outputs.includes(output));
  if (all.length !== 1 || all[0] === undefined) throw new Error(`${all.length} make ${output}`);
  return all[0];
}

/** The script of a command, without the line that makes directories. */
export function recipeOf(action: Expanded): string {
  if (action.kind !== "command") throw new Error("no command");
  return action.argv[2]?.replace(/^mkdir -p \S+(?: \S+)* && /, "") ?? "";
}

/** Why the plan `text` is left to make; undefined when it is not. */
export function reasonFor(...text: readonly string[]): string | undefined {
  const expansion = expansionOf(...text);
  return expansion.kind === "opaque" ? expansion.reason : undefined;
}
