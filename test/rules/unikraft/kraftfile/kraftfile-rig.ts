import { sortDiagnostics, renderDiagnostic } from "../../../../src/diagnostic/diagnostic.ts";
import type { Diagnostic } from "../../../../src/index.ts";
import { type Kraftfile, readKraftfile } from "../../../../rules/unikraft/kraftfile/kraftfile.ts";

/** What reading a Kraftfile came to. */
export interface Outcome {
  readonly kraftfile: Kraftfile | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The diagnostics, sorted, as users see them. */
  readonly printed: string;
}

/** Reads `text` as a Kraftfile in a package that has `found`: directories end in a slash. */
export function read(text: string, found: readonly string[] = []): Outcome {
  const diagnostics: Diagnostic[] = [];
  const kraftfile = readKraftfile(
    { path: "app/Kraftfile", text },
    {
      report: (diagnostic) => diagnostics.push(diagnostic),
      kindOf: (path) => {
        if (found.includes(`${path.replace(/\/$/, "")}/`)) return "directory";
        return found.includes(path) ? "file" : undefined;
      },
    },
  );
  const printed = sortDiagnostics(diagnostics).map((one) => renderDiagnostic(one));
  return { kraftfile, diagnostics, printed: printed.join("\n") };
}

/** `value` without places and without what is undefined, for comparison. */
export function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== "object" || value === null) return value;
  const isPlace = (key: string): boolean => key === "at" || key.endsWith("At");
  const entries = Object.entries(value).filter(([key, one]) => !isPlace(key) && one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutPlaces(one)]));
}
