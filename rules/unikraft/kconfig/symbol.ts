// The declarations of Config.uk files, linked to each other. Knows no value and no file system.

import type { Expression } from "./expression.ts";

/** What an option can hold; `unknown` for one that is named, and never given a type. */
export type SymbolType = "unknown" | "bool" | "tristate" | "int" | "hex" | "string";

/** A line of a Config.uk file, from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/**
 * What expressions name: a constant, an option or a choice. Filled while files are read, and
 * completed by `linkDependencies`; nothing changes it afterwards.
 */
export interface KconfigSymbol {
  readonly kind: "constant" | "option" | "choice";
  /** Without the prefix `CONFIG_`; absent for most choices. */
  readonly name: string | undefined;
  type: SymbolType;
  readonly properties: Property[];
  /** Where it is declared, once for each time. */
  readonly nodes: MenuNode[];
  /** Of a choice: that none of its members need be chosen. */
  isOptional: boolean;
  /** False for what only steers the reader, as the list of places for a defconfig does. */
  isWritable: boolean;
  /** Of a choice, in order of declaration. */
  readonly members: KconfigSymbol[];
  /** The choice that it is a member of. */
  choice: KconfigSymbol | undefined;
  /** What it depends on: one of these, each for a place where it is declared; undefined is yes. */
  readonly directDependencies: (Expression | undefined)[];
  readonly selectedBy: Influence[];
  readonly impliedBy: Influence[];
  /** What holds a choice at least at `m`: that it can be seen, unless it is optional. */
  readonly floors: (Expression | undefined)[];
}

/** A `select` or `imply` from the side of its target. */
export interface Influence {
  readonly by: KconfigSymbol;
  readonly property: Property;
}

/** A line about an option, with the condition under which it holds; undefined is always. */
export type Property =
  | (PropertyBase & { readonly kind: "prompt"; readonly text: string })
  | (PropertyBase & { readonly kind: "default"; readonly value: Expression })
  | (PropertyBase & { readonly kind: "select" | "imply"; readonly target: KconfigSymbol })
  | (PropertyBase & {
      readonly kind: "range";
      readonly low: KconfigSymbol;
      readonly high: KconfigSymbol;
    });

interface PropertyBase {
  readonly node: MenuNode;
  readonly place: Place;
  condition: Expression | undefined;
}

/** A property of the kind `prompt`. */
export type Prompt = Extract<Property, { kind: "prompt" }>;

/** An entry of the menus, in which options are shown and written. */
export interface MenuNode {
  readonly kind: "root" | "config" | "choice" | "menu" | "comment" | "if";
  readonly place: Place;
  /** Of the kinds `config` and `choice`. */
  readonly symbol: KconfigSymbol | undefined;
  /** The last one, when there are several. */
  prompt: Prompt | undefined;
  /** What it depends on; with that of the entries around it once dependencies are linked. */
  dependency: Expression | undefined;
  /** What the prompts inside a menu depend on, but not their values. */
  visibleIf: Expression | undefined;
  help: string | undefined;
  parent: MenuNode | undefined;
  children: MenuNode[];
}

/** A symbol of which nothing is known yet. */
export function newSymbol(
  kind: KconfigSymbol["kind"],
  name: string | undefined,
  type: SymbolType = "unknown",
): KconfigSymbol {
  return {
    kind,
    name,
    type,
    properties: [],
    nodes: [],
    isOptional: kind !== "choice",
    isWritable: true,
    members: [],
    choice: undefined,
    directDependencies: [],
    selectedBy: [],
    impliedBy: [],
    floors: [],
  };
}

/** An entry without anything in it. */
export function newNode(
  kind: MenuNode["kind"],
  place: Place,
  parent: MenuNode | undefined,
  symbol?: KconfigSymbol,
): MenuNode {
  return {
    kind,
    place,
    symbol,
    parent,
    prompt: undefined,
    dependency: undefined,
    visibleIf: undefined,
    help: undefined,
    children: [],
  };
}

/**
 * The constants that are also values of options; all other constants stand for their text. They
 * have no type: conf compares `OPTION < m` as text.
 */
export const constants = {
  n: newSymbol("constant", "n"),
  m: newSymbol("constant", "m"),
  y: newSymbol("constant", "y"),
} as const;
