import { bunixKeys } from "./args-file.ts";

/**
 * /urunc.json as bunix writes it: all nine keys in order, values in base64, printed by jq. Of keys
 * that bunix has not, none may be given.
 *
 * Source: bunix, uruncJSON.nix; jq 1.6, default output.
 */
export function strictUruncJson(facts: Readonly<Record<string, string>>): string {
  const keys = [...bunixKeys.needed, ...bunixKeys.optional].sort();
  const members = keys.map((key) => {
    const value = Buffer.from(facts[key] ?? "").toString("base64");
    return `  "com.urunc.unikernel.${key}": "${value}"`;
  });
  return `{\n${members.join(",\n")}\n}\n`;
}

/** The first of `facts` that bunix does not take; undefined when it takes them all. */
export function foreignKey(facts: Readonly<Record<string, string>>): string | undefined {
  const known: readonly string[] = [...bunixKeys.needed, ...bunixKeys.optional];
  return Object.keys(facts).find((key) => !known.includes(key));
}
