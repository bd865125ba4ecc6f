import { type Diagnostic, type Report, sortDiagnostics } from "../diagnostic/diagnostic.ts";
import type { Listen } from "./event.ts";

/** Gathers mistakes, to tell of them in the order of files. */
export interface DiagnosticLog {
  readonly report: Report;
  /**
   * Tells of all so far; of those in files that do not matter, only how many there are. Absent:
   * every file matters.
   */
  readonly tell: (matters?: (file: string) => boolean) => Told;
}

/** What there was to tell. */
export interface Told {
  /** Of those that matter. */
  readonly hasErrors: boolean;
  /** Nothing at all, not even a warning somewhere else. */
  readonly isEmpty: boolean;
}

/** A log that tells `listen`. */
export function newDiagnosticLog(listen: Listen): DiagnosticLog {
  const gathered: Diagnostic[] = [];
  return {
    report: (diagnostic) => void gathered.push(diagnostic),
    tell: (matters = () => true) => {
      const isNear = ({ at }: Diagnostic): boolean => at === undefined || matters(at.source.path);
      const near = sortDiagnostics(gathered.filter(isNear));
      for (const diagnostic of near) listen({ kind: "diagnostic", diagnostic });
      const distant = sortDiagnostics(gathered).filter((one) => !isNear(one) && isError(one));
      if (distant.length > 0) {
        listen({ kind: "notice", message: messageAbout(distant) });
      }
      return { hasErrors: near.some(isError), isEmpty: gathered.length === 0 };
    },
  };
}

function messageAbout(distant: readonly Diagnostic[]): string {
  const errors = distant.length === 1 ? "1 error" : `${distant.length} errors`;
  const count = new Set(distant.map(({ at }) => at?.source.path)).size;
  const files = count === 1 ? "1 file" : `${count} files`;
  const [are, them] = distant.length === 1 ? ["is", "it"] : ["are", "them"];
  return `${errors} in ${files} of other packages ${are} not shown; "kraft-graph build //..." shows ${them}`;
}

function isError({ severity }: Diagnostic): boolean {
  return severity === "error";
}
