import {
  type Entry,
  type MapValue,
  type Span,
  type Value,
  parseLabel,
  kindNameOf,
  pointerTo,
} from "../../../src/index.ts";
import { type KconfigSetting, readKconfig } from "./kconfig.ts";
import { canonicalPlatform, isArchitecture } from "./platform.ts";
import {
  type Reading,
  fieldsOf,
  hasControlCharacters,
  pointerToItem,
  stringOf,
} from "./reading.ts";

/** An entry of `targets`. */
export interface KraftTarget {
  /** Absent: it is called after its platform and architecture. */
  readonly name?: string | undefined;
  /** `qemu`, `fc`, `xen`, `hyperlight`, or another, as it is written. */
  readonly platform: string;
  readonly architecture: string;
  readonly kconfig: readonly KconfigSetting[];
  /** Where KraftKit would leave the kernel. */
  readonly output?: string | undefined;
  readonly at: Span;
}

/** `targets`, in either form of its entries. Source: kraftkit.md §1.10. */
export function readTargets(entry: Entry | undefined, reading: Reading): readonly KraftTarget[] {
  if (entry === undefined) return [];
  if (entry.value.kind !== "list") {
    const message = `\`targets\` must be a list, not ${kindNameOf(entry.value)}`;
    const help = "write `- qemu/x86_64` on a line of its own below it";
    reading.error({ code: "wrong-type", message, at: pointerTo(entry), help });
    return [];
  }
  const targets = new Map<string, KraftTarget>();
  for (const item of entry.value.items) {
    const target = readTarget(item, reading);
    if (target === undefined) continue;
    // Several targets may have one name, or one platform; KraftKit tells kernels apart by all three.
    const identity = JSON.stringify([target.name, target.platform, target.architecture]);
    const earlier = targets.get(identity);
    if (earlier === undefined) targets.set(identity, target);
    else reportDuplicate(target, earlier, reading);
  }
  return [...targets.values()];
}

function reportDuplicate(target: KraftTarget, earlier: KraftTarget, { error }: Reading): void {
  const { name, platform, architecture, at } = target;
  const called = name === undefined ? "" : ` called ${name}`;
  error({
    code: "duplicate-target",
    message: `a second target${called} is for ${platform}/${architecture}`,
    at,
    help: "give each of them a `name` of its own",
    related: [{ message: "the first", at: earlier.at }],
  });
}

function readTarget(item: Value, reading: Reading): KraftTarget | undefined {
  const at = pointerToItem(item);
  if (item.kind === "map") return targetOfMap(item, at, reading);
  if (item.kind === "scalar" && typeof item.value === "string") {
    const pair = pairOf(item.value);
    return checkedTarget({ ...pair, kconfig: [], at }, reading);
  }
  const message = `a target must be text or a map, not ${kindNameOf(item)}`;
  return reading.error({ code: "bad-target", message, at, help: "write `- qemu/x86_64`" });
}

function targetOfMap(map: MapValue, at: Span, reading: Reading): KraftTarget | undefined {
  const fields = fieldsOf(map, vocabulary, reading);
  const string = (key: string): string | undefined => {
    return stringOf(fields.get(key), "bad-target", reading);
  };
  const [name, output] = [string("name"), string("output")];
  const platform = eitherOf("platform", "plat", fields, reading);
  const architecture = eitherOf("architecture", "arch", fields, reading);
  const kconfig = readKconfig(fields.get("kconfig"), reading);
  // What is not said well has been reported, and must not be reported as not said, too.
  const isBad = [
    [fields.has("platform") || fields.has("plat"), platform],
    [fields.has("architecture") || fields.has("arch"), architecture],
  ].some(([isSaid, value]) => isSaid === true && value === undefined);
  if (isBad) return undefined;
  // An architecture in the platform counts more than the other, which must be one all the same.
  const pair = platform?.includes("/") === true ? pairOf(platform) : { platform };
  const isOverridden = "architecture" in pair && architecture !== undefined;
  if (isOverridden && !isArchitecture(architecture, at, reading)) return undefined;
  const place = fields.get("name")?.value.at ?? at;
  return checkedTarget({ name, architecture, ...pair, kconfig, output, at: place }, reading);
}

const vocabulary = {
  owner: "a target",
  keys: ["name", "platform", "plat", "architecture", "arch", "kconfig", "output"],
  retired: {
    kernel: "write `output` for the kernel's file, or `name`",
    initrd: "write `rootfs` at the top of the file",
    command: "write `cmd` at the top of the file",
  },
};

/** The text of one of two keys that mean the same: itself, or a map with a `name`. */
function eitherOf(
  long: string,
  short: string,
  fields: ReadonlyMap<string, Entry>,
  reading: Reading,
): string | undefined {
  const [entry, other] = [fields.get(long), fields.get(short)];
  if (entry !== undefined && other !== undefined) {
    const message = `\`${long}\` and \`${short}\` mean the same; the former counts`;
    reading.warn({ code: "bad-target", message, at: other.keyAt });
  }
  const said = entry ?? other;
  if (said?.value.kind !== "map") return stringOf(said, "bad-target", reading);
  const inner = fieldsOf(said.value, { owner: `\`${said.key}\``, keys: ["name"] }, reading);
  if (inner.has("name")) return stringOf(inner.get("name"), "bad-target", reading);
  const message = `\`${said.key}\` does not say its \`name\``;
  return reading.error({ code: "bad-target", message, at: pointerTo(said) });
}

/** `plat/arch`; without a slash, there is no architecture. */
function pairOf(text: string): { platform: string; architecture: string | undefined } {
  const slash = text.indexOf("/");
  if (slash === -1) return { platform: text, architecture: undefined };
  return { platform: text.slice(0, slash), architecture: text.slice(slash + 1) };
}

interface WrittenTarget extends Omit<KraftTarget, "platform" | "architecture"> {
  readonly platform: string | undefined;
  readonly architecture: string | undefined;
}

/** `target` with the names of platforms that KraftKit has for each, if all of it can be meant. */
function checkedTarget(target: WrittenTarget, reading: Reading): KraftTarget | undefined {
  const { at, platform = "", architecture = "", name, output } = target;
  const wrong = (message: string, help: { help?: string } = {}): undefined => {
    return reading.error({ code: "bad-target", message, at, ...help });
  };
  if (platform === "") return wrong("a target must say its platform", exampleHelp);
  if (architecture === "") return wrong("a target must say its architecture", exampleHelp);
  const canonical = canonicalPlatform({ platform, architecture, at }, reading);
  if (canonical === undefined) return undefined;
  if (name !== undefined && (name.includes("/") || parseLabel(`:${name}`) === undefined)) {
    const message = `${JSON.stringify(name)} can be no target's name`;
    return reading.error({ code: "bad-name", message, at });
  }
  if (output !== undefined && (output === "" || hasControlCharacters(output))) {
    return wrong("`output` must be a path");
  }
  return { ...target, platform: canonical, architecture };
}

const exampleHelp = { help: "write PLATFORM/ARCHITECTURE, as in qemu/x86_64" };
