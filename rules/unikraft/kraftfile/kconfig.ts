import {
  type Entry,
  type ScalarValue,
  type Span,
  type Value,
  kindNameOf,
  pointerTo,
} from "../../../src/index.ts";
import { type Reading, pointerToItem } from "./reading.ts";
import { warnWhenSetAgain } from "./set-again.ts";

/** One option, as it was asked for. */
export interface KconfigSetting {
  /** As it is written, which should be with the prefix `CONFIG_`. */
  readonly symbol: string;
  /** `y`, `n`, `m`, a number, or text without the quotes that a `.config` would have around it. */
  readonly value: string;
  readonly at: Span;
}

/**
 * The settings of a `kconfig` attribute, in either form: a map, or a list of `SYMBOL=value`. Of
 * several for one symbol, the last one counts. Source: kraftkit.md §1.5.
 */
export function readKconfig(entry: Entry | undefined, reading: Reading): readonly KconfigSetting[] {
  if (entry === undefined) return [];
  const settings = new Map<string, KconfigSetting>();
  for (const setting of settingsIn(entry, reading)) {
    const earlier = settings.get(setting.symbol);
    settings.delete(setting.symbol);
    settings.set(setting.symbol, setting);
    warnWhenSetAgain(setting.symbol, { earlier, now: setting }, reading);
  }
  return [...settings.values()];
}

function settingsIn(entry: Entry, reading: Reading): KconfigSetting[] {
  const { value } = entry;
  if (value.kind === "list") return value.items.flatMap((item) => itemSetting(item, reading) ?? []);
  if (value.kind === "map") {
    return [...value.entries.values()].flatMap((one) => entrySetting(one, reading) ?? []);
  }
  reading.error({
    code: "bad-kconfig",
    message: `\`kconfig\` must be a map or a list of options, not ${kindNameOf(value)}`,
    at: pointerTo(entry),
    help: "write `CONFIG_LIBUKDEBUG: y` on a line of its own below it",
  });
  return [];
}

function itemSetting(item: Value, reading: Reading): KconfigSetting | undefined {
  const text = item.kind === "scalar" && typeof item.value === "string" ? item.value : "";
  const equals = text.indexOf("=");
  const [symbol, value] = [text.slice(0, equals), text.slice(equals + 1)];
  if (equals > 0 && value !== "") return checked({ symbol, value, at: item.at }, reading);
  return reading.error({
    code: "bad-kconfig",
    message: "an option in a list must be `SYMBOL=value`",
    at: pointerToItem(item),
    ...itemHelp(item, text),
  });
}

/** What to write for an item that is not of the form. */
function itemHelp(item: Value, text: string): { help?: string } {
  const [only, second] = item.kind === "map" ? item.entries.values() : [];
  if (only?.value.kind === "scalar" && second === undefined) {
    return { help: `write \`${only.key}=${only.value.text}\`, or leave out the dash` };
  }
  return /^\w+=?$/.test(text) ? { help: `write \`${text.replace("=", "")}=y\`` } : {};
}

function entrySetting(entry: Entry, reading: Reading): KconfigSetting | undefined {
  const { key: symbol, keyAt: at, value } = entry;
  const mistake = { code: "bad-kconfig", at: pointerTo(entry) } as const;
  if (value.kind !== "scalar") {
    const message = `${symbol} must have one value, not ${kindNameOf(value)}`;
    return reading.error({ ...mistake, message });
  }
  const text = valueOf(value);
  if (text !== undefined) return checked({ symbol, value: text, at }, reading);
  if (value.value === null) {
    const help = `write \`${symbol}: y\`, or \`${symbol}: n\``;
    return reading.error({ ...mistake, message: `${symbol} has no value`, help });
  }
  const message = `${value.text} is neither text nor a whole number`;
  return reading.error({ ...mistake, message, help: `put quotes around it: "${value.text}"` });
}

/** Undefined for what can be no option's value: fractions, and nothing. */
function valueOf({ value, text, isQuoted }: ScalarValue): string | undefined {
  if (typeof value === "boolean") return value ? "y" : "n";
  if (typeof value === "string") return isQuoted ? value : (yaml11Boolean(value) ?? value);
  if (value === null || !Number.isInteger(value)) return undefined;
  if (/[.eE]/.test(text) && !isHexadecimal(text)) return undefined;
  // KraftKit would write a decimal number, which Kconfig refuses for options of type hex.
  return isHexadecimal(text) ? text : String(value);
}

function isHexadecimal(text: string): boolean {
  return /^0x[0-9a-f]+$/i.test(text);
}

/** `y` or `n` for what YAML 1.1, which KraftKit reads, takes for true or false. */
function yaml11Boolean(text: string): string | undefined {
  if (/^(?:y|Y|yes|Yes|YES|on|On|ON)$/.test(text)) return "y";
  return /^(?:n|N|no|No|NO|off|Off|OFF)$/.test(text) ? "n" : undefined;
}

function checked(setting: KconfigSetting, reading: Reading): KconfigSetting | undefined {
  const { symbol, value, at } = setting;
  if (!/^[\w-]+$/.test(symbol)) {
    const message = `${JSON.stringify(symbol)} cannot be an option's name`;
    return reading.error({ code: "bad-kconfig", message, at });
  }
  // A line break would begin another line of the `.config`, and so another option.
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\u0000\n\r]/.test(value)) {
    const message = `the value of ${symbol} has more than one line`;
    return reading.error({ code: "bad-kconfig", message, at });
  }
  if (!symbol.startsWith("CONFIG_")) {
    const message = `${symbol} has no effect, as the names of options begin with CONFIG_`;
    reading.warn({ code: "bad-kconfig", message, at, help: `write CONFIG_${symbol}` });
  }
  return { ...setting, value: withoutQuotes(value) };
}

/** In lists of v0.5, text has the quotes of the `.config` around it, which are not of the text. */
function withoutQuotes(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  const inner = value.slice(1, -1);
  // Quotes that end before the value does are of the text itself.
  if (/["\\]/.test(inner.replaceAll(/\\./g, ""))) return value;
  return inner.replaceAll(/\\(.)/g, "$1");
}
