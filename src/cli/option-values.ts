// What can stand behind an option, as its command declares it. Knows no command and no shell.

import { type CommandClass, Option } from "clipanion";
import { isEnum } from "typanion";

import type { SettingKey } from "../workspace/setting-table.ts";
import type { KraftContext } from "./context.ts";

/** The values that an option can have where the user is. */
export type ValueSource = (context: KraftContext) => Promise<readonly string[]>;

/** By what clipanion has in a command's field before it reads words. */
const declared = new WeakMap<object, { readonly names: string; readonly values: ValueSource }>();

/** `option`, called `names` as in `-j,--jobs`, with the values that a shell may offer for it. */
export function offering<T>(names: string, values: ValueSource, option: T): T {
  if (typeof option === "object" && option !== null) declared.set(option, { names, values });
  return option;
}

interface WordOption<T extends string> {
  readonly values: readonly T[];
  readonly description: string;
}

/** An option that takes one of a few words, and is `initial` where it is not given. */
export function wordOption<const T extends string>(
  names: string,
  declaration: WordOption<T> & { readonly initial: NoInfer<T> },
): T;
export function wordOption<const T extends string>(
  names: string,
  declaration: WordOption<T>,
): T | undefined;
export function wordOption<const T extends string>(
  names: string,
  { values, description, initial }: WordOption<T> & { readonly initial?: T },
): T | undefined {
  const rest = { description, validator: isEnum(values) };
  const option =
    initial === undefined ? Option.String(names, rest) : Option.String(names, initial, rest);
  return offering(names, async () => values, option);
}

/** An option that states the setting `key`, whose type says what it takes. */
export function settingOption(
  names: string,
  key: SettingKey,
  description: string,
): string | undefined {
  return offering(names, settingValues(key), Option.String(names, { description }));
}

/** The words that the setting `key` takes; none where it takes anything. */
export function settingValues(key: SettingKey): ValueSource {
  return async () => {
    const { settingTable } = await import("../workspace/setting-table.ts");
    return settingTable[key].values ?? [];
  };
}

/** What the options of `command` that take a value offer, by each of their names. */
export function valueSourcesOf(
  command: CommandClass<KraftContext>,
): ReadonlyMap<string, ValueSource> {
  const fields: readonly unknown[] = Object.values(new command());
  return new Map(
    fields.flatMap((field) => {
      const option = typeof field === "object" && field !== null ? declared.get(field) : undefined;
      const names = option?.names.split(",") ?? [];
      return names.flatMap((name): [string, ValueSource][] =>
        option === undefined ? [] : [[name, option.values]],
      );
    }),
  );
}
