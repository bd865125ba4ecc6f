// What make would do, read from what it prints of it. Knows no action.

/** One target of the core's makefiles, with what makes it. */
export interface Step {
  /** Absolute, as every path in it: make ran below a fixed root. */
  readonly target: string;
  /** As make names them; `FORCE` and the like among them. */
  readonly prerequisites: readonly string[];
  /** The core's word for it: `CC`, `AS`, `LD`, `OBJCOPY`, `AWK`, …; empty where it has none. */
  readonly kind: string;
  /** Each a command for a shell of its own, without the words that tell of progress. */
  readonly commands: readonly string[];
  /** The makefile and line of its rule. */
  readonly rule: string;
}

/**
 * The steps in the output of `make -n --trace`, in an order in which they can be done. Steps that
 * have nothing to run are left out.
 *
 * Source: GNU make, remake.c (`--trace`); Unikraft, support/build/Makefile.rules (`verbose_cmd`).
 */
export function readMakePlan(text: string): Step[] {
  const steps: Step[] = [];
  let current: (Step & { readonly commands: string[] }) | undefined;
  for (const line of linesOf(text)) {
    if (line.startsWith("# GNU Make ") || line.startsWith("# Make data base")) break;
    const head = headOf(line);
    if (head !== undefined) {
      current = { ...head, kind: "", commands: [] };
      steps.push(current);
    } else if (current !== undefined && !isNoise(line)) {
      const { kind, command } = withoutProgress(line);
      if (current.kind === "" && kind !== "") {
        steps.pop();
        current = { ...current, kind };
        steps.push(current);
      }
      if (command !== "") current.commands.push(command);
    }
  }
  return steps.filter(({ commands }) => commands.length > 0);
}

/** Whether `text` is all that make would do: what it lacks is not in steps, but behind them. */
export function isWholePlan(text: string): boolean {
  return !text.endsWith(`\n${brokenPlanMark}\n`) && text !== `${brokenPlanMark}\n`;
}

/** The last line of a plan that make gave up. */
export const brokenPlanMark = "# make gave up here";

/** Lines, with those that a backslash continues put together. */
function linesOf(text: string): string[] {
  return text.replaceAll(/\\\n/g, " ").split("\n");
}

function headOf(line: string): Pick<Step, "target" | "prerequisites" | "rule"> | undefined {
  const match = /^(\S+:\d+): (?:update )?target '(.+?)' (?:due to: (.*)|does not exist)$/.exec(
    line,
  );
  const [, rule = "", target = "", due = ""] = match ?? [];
  if (match === null) return undefined;
  const words = reasons.test(due) ? [] : due.split(" ").filter((word) => word !== "");
  return { rule, target, prerequisites: words };
}

/** What make says from 4.4 on in place of prerequisites. */
const reasons = /^(target (does not exist|is \.PHONY)|unknown reasons)$/;

function isNoise(line: string): boolean {
  return line.trim() === "" || /^(#|:|true$|@?:$)|^make(\[\d+\])?: /.test(line);
}

/** `printf '  %-7s %s\n' 'CC' 'lib : x.o' && gcc …` as its word and its command. */
function withoutProgress(line: string): { kind: string; command: string } {
  const match =
    /^printf\s+'[^']*'\s+'([A-Z0-9_]+)'\s+(?:'[^']*'|[^\s'&])+(?:\s[^'&]*)?\s*&&\s*/.exec(
      line.trim(),
    );
  if (match === null) return { kind: "", command: line.trim() };
  return { kind: match[1] ?? "", command: line.trim().slice(match[0].length) };
}
