// The lines below `config`, `choice`, `menu` and `comment`.

import { and, type Expression, symbolOf } from "./expression.ts";
import type { WordReader } from "./expression-parser.ts";
import { KconfigError } from "./kconfig-error.ts";
import type { MenuNode, Property, SymbolType } from "./symbol.ts";
import type { SymbolTable } from "./symbol-table.ts";

/** What reading a line may change beside its entry. */
export interface EntryContext {
  readonly table: SymbolTable;
  readonly environment: (name: string) => string | undefined;
}

/** Reads the line that begins with `keyword` into `node`; false when it is none of an entry. */
export function readEntryLine(
  keyword: string,
  reader: WordReader,
  node: MenuNode,
  context: EntryContext,
): boolean {
  if (keyword === "depends") {
    if (!reader.takes("on")) throw new KconfigError(reader.place, 'write "depends on"');
    node.dependency = and(node.dependency, reader.expression());
  } else if (keyword === "visible") {
    node.visibleIf = and(node.visibleIf, reader.condition());
  } else if (node.symbol === undefined || !readSymbolLine(keyword, reader, node, context)) {
    return false;
  }
  reader.end();
  return true;
}

const types = ["bool", "tristate", "int", "hex", "string"] as const;

function readSymbolLine(
  keyword: string,
  reader: WordReader,
  node: MenuNode,
  context: EntryContext,
): boolean {
  const type = types.find((one) => one === keyword);
  if (type !== undefined) {
    setType(node, type);
    const text = reader.optionalText();
    if (text !== undefined) addPrompt(node, text, reader);
    return true;
  }
  switch (keyword) {
    case "prompt":
      addPrompt(node, reader.text(), reader);
      return true;
    case "default":
    case "def_bool":
    case "def_tristate":
      addDefault(node, reader, reader.expression());
      if (keyword !== "default") setType(node, keyword === "def_bool" ? "bool" : "tristate");
      return true;
    case "select":
    case "imply": {
      const target = reader.option();
      add(node, { kind: keyword, target, ...common(node, reader) });
      return true;
    }
    case "range": {
      const low = reader.symbol();
      add(node, { kind: "range", low, high: reader.symbol(), ...common(node, reader) });
      return true;
    }
    case "optional":
      if (node.symbol !== undefined) node.symbol.isOptional = true;
      return true;
    case "option":
      readOption(reader, node, context);
      return true;
    default:
      return false;
  }
}

function readOption(
  reader: WordReader,
  node: MenuNode,
  { table, environment }: EntryContext,
): void {
  const { symbol } = node;
  const name = reader.keyword();
  if (name === "modules") table.modules = symbol;
  else if (name === "defconfig_list" && symbol !== undefined) symbol.isWritable = false;
  else if (name === "env" && reader.takes("=")) {
    const value = environment(reader.text());
    if (value !== undefined) addDefault(node, reader, symbolOf(table.constant(value)));
  } else if (name !== "allnoconfig_y" && name !== "defconfig_list") {
    throw new KconfigError(reader.place, `there is no option "${name ?? ""}"`);
  }
}

/** The type that is said first is the one that counts. */
function setType({ symbol }: MenuNode, type: SymbolType): void {
  if (symbol?.type === "unknown") symbol.type = type;
}

/** Prompts also depend on what the menus around them say of visibility. */
function addPrompt(node: MenuNode, text: string, reader: WordReader): void {
  const base = common(node, reader);
  let { condition } = base;
  for (let menu = node.parent; menu !== undefined; menu = menu.parent) {
    condition = and(condition, menu.visibleIf);
  }
  const prompt = { kind: "prompt", text: text.trimStart(), ...base, condition } as const;
  node.prompt = prompt;
  add(node, prompt);
}

function addDefault(node: MenuNode, reader: WordReader, value: Expression): void {
  add(node, { kind: "default", value, ...common(node, reader) });
}

/** Read last, as the condition is what ends a line. */
function common(node: MenuNode, reader: WordReader) {
  return { node, place: reader.place, condition: reader.condition() };
}

function add(node: MenuNode, property: Property): void {
  node.symbol?.properties.push(property);
}
