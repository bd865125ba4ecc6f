// Menus as written → every line with the conditions of all that is around it. Knows no value.
// Source: what the conf of Linux 5.2 does before it reads a configuration.

import { and, type Expression, symbolOf } from "./expression.ts";
import { isSubordinate, withModules, withoutModules } from "./normal-form.ts";
import type { ParsedKconfig } from "./parse.ts";
import { constants, type KconfigSymbol, type MenuNode, type Property } from "./symbol.ts";

/** Completes the symbols and entries of `parsed`. To be called once. */
export function linkDependencies({ root, table }: Pick<ParsedKconfig, "root" | "table">): void {
  const linker: Linker = { modules: table.modules ?? constants.n, properties: new Map() };
  for (const symbol of [...table.options.values(), ...table.choices]) {
    for (const property of symbol.properties) {
      const known = linker.properties.get(property.node);
      if (known === undefined) linker.properties.set(property.node, [property]);
      else known.push(property);
    }
  }
  linkChildren(root, undefined, linker);
  root.children.forEach(linkChoices);
}

interface Linker {
  readonly modules: KconfigSymbol;
  /** Of symbols, by the entry that they stand in. */
  readonly properties: Map<MenuNode, Property[]>;
}

function linkChildren(node: MenuNode, around: Expression | undefined, linker: Linker): void {
  if (node.kind === "choice") giveTypes(node);
  for (const child of node.children) {
    linkEntry(child, around, linker);
    if (child.kind === "config") {
      const { symbol, dependency } = child;
      if (dependency !== undefined) symbol?.directDependencies.push(dependency);
    }
    linkChildren(child, conditionInside(child), linker);
  }
}

/** What the entries in `node` depend on by being there. */
function conditionInside({ kind, symbol, prompt, dependency }: MenuNode): Expression | undefined {
  // The choice stands for its own condition, and bounds its members.
  if (kind === "choice" && symbol !== undefined) return symbolOf(symbol);
  return prompt === undefined ? dependency : prompt.condition;
}

function linkEntry(node: MenuNode, around: Expression | undefined, linker: Linker): void {
  const { symbol, prompt } = node;
  const { modules } = linker;
  const own = node.dependency && withModules(node.dependency, modules);
  node.dependency = and(around, own);
  if (symbol === undefined) {
    if (prompt !== undefined) prompt.condition = and(node.dependency, prompt.condition);
    return;
  }
  for (const property of linker.properties.get(node) ?? []) {
    const written = property.condition && withModules(property.condition, modules);
    const whole = and(node.dependency, written);
    property.condition =
      whole === undefined || symbol.type === "tristate" ? whole : withoutModules(whole);
    if (property.kind === "select") property.target.selectedBy.push({ by: symbol, property });
    if (property.kind === "imply") property.target.impliedBy.push({ by: symbol, property });
  }
}

/** A choice without a type takes that of its first member, and members take that of the choice. */
function giveTypes({ symbol: choice, children }: MenuNode): void {
  if (choice === undefined) return;
  const typed = children.find(({ symbol }) => symbol !== undefined && symbol.type !== "unknown");
  if (choice.type === "unknown") choice.type = typed?.symbol?.type ?? "unknown";
  for (const { symbol } of children) {
    if (symbol?.type === "unknown") symbol.type = choice.type;
  }
}

function linkChoices(node: MenuNode): void {
  node.children.forEach(linkChoices);
  const { kind, symbol: choice, prompt } = node;
  if (kind !== "choice" || choice === undefined) return;
  for (const member of membersOf(node.children)) addMember(member, choice);
  if (choice.isOptional || prompt === undefined) return;
  choice.floors.push(and(prompt.condition, symbolOf(constants.m)));
}

/** The entries that can be chosen: not those that are options of the entry before them. */
function membersOf(entries: readonly MenuNode[]): MenuNode[] {
  const members: MenuNode[] = [];
  for (let at = 0; at < entries.length; ) {
    const node = entries[at];
    if (node === undefined) break;
    const end = endOfSubmenu(entries, at);
    const below = node.kind === "if" ? node.children : entries.slice(at + 1, end);
    if (node.symbol !== undefined) members.push(node);
    // What has no title of its own makes no submenu.
    if (node.prompt === undefined) members.push(...membersOf(below));
    at = end;
  }
  return members;
}

/** Where the entries end that follow the one at `at` and depend on it. */
function endOfSubmenu(entries: readonly MenuNode[], at: number): number {
  const head = entries[at];
  let end = at + 1;
  if (head?.symbol === undefined) return end;
  for (let next = entries[end]; next !== undefined; next = entries[end]) {
    const condition = next.prompt === undefined ? next.dependency : next.prompt.condition;
    if (!isSubordinate(condition, head.symbol, head.prompt?.condition)) break;
    end = endOfSubmenu(entries, end);
  }
  return end;
}

function addMember(node: MenuNode, choice: KconfigSymbol): void {
  const { symbol } = node;
  if (symbol === undefined || symbol.choice !== undefined) return;
  symbol.choice = choice;
  choice.members.push(symbol);
  if (choice.type !== "tristate" || symbol.type === "tristate") return;
  // One that cannot be m can only be chosen where exactly one is.
  const isOne: Expression = { kind: "compare", operator: "=", left: choice, right: constants.y };
  node.dependency = and(isOne, node.dependency);
  for (const property of symbol.properties) {
    if (property.node === node) property.condition = and(isOne, property.condition);
  }
}
