import type { Evaluation } from "./evaluate.ts";
import type { KconfigSymbol, MenuNode } from "./symbol.ts";

/** All of `root` as the text of a `.config`, line for line as conf writes it. */
export function formatDotConfig(root: MenuNode, values: Evaluation): string {
  const writer: Writer = { lines: [], values, written: new Set(), needsGap: false };
  const title = root.prompt?.text ?? "Main menu";
  writer.lines.push("#", "# Automatically generated file; DO NOT EDIT.", `# ${title}`, "#");
  for (const child of root.children) writeEntry(child, writer);
  return `${writer.lines.join("\n")}\n`;
}

/** The line that states `value` for `symbol`. */
export function dotConfigLine({ name, type }: KconfigSymbol, value: string): string {
  if (type === "string") return `CONFIG_${name}="${value.replaceAll(/["\\]/g, "\\$&")}"`;
  const isOff = (type === "bool" || type === "tristate") && value === "n";
  return isOff ? `# CONFIG_${name} is not set` : `CONFIG_${name}=${value}`;
}

interface Writer {
  readonly lines: string[];
  readonly values: Evaluation;
  /** An option stands where it is declared first. */
  readonly written: Set<KconfigSymbol>;
  /** Whether a menu has just ended. */
  needsGap: boolean;
}

function writeEntry(node: MenuNode, writer: Writer): void {
  const { kind, symbol, prompt, children } = node;
  const isTitled =
    (kind === "menu" || kind === "comment") &&
    isVisible(node, writer.values) &&
    prompt !== undefined;
  if (isTitled) {
    writer.lines.push("", "#", `# ${prompt.text}`, "#");
    writer.needsGap = false;
  }
  if (kind === "config" && symbol !== undefined) writeSymbol(symbol, writer);
  for (const child of children) writeEntry(child, writer);
  if (isTitled && children.length > 0) {
    writer.lines.push(`# end of ${prompt.text}`);
    writer.needsGap = true;
  }
}

function isVisible({ prompt, visibleIf }: MenuNode, values: Evaluation): boolean {
  if (visibleIf !== undefined && values.holds(visibleIf) === 0) return false;
  return prompt !== undefined && values.holds(prompt.condition) > 0;
}

function writeSymbol(symbol: KconfigSymbol, writer: Writer): void {
  if (writer.written.has(symbol)) return;
  const { isWritten, value } = writer.values.of(symbol);
  if (!isWritten || symbol.type === "unknown") return;
  if (writer.needsGap) writer.lines.push("");
  writer.needsGap = false;
  writer.written.add(symbol);
  writer.lines.push(dotConfigLine(symbol, value));
}
