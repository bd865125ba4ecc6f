import type { Entry, MapValue } from "../../../src/index.ts";
import type { Mistake } from "./reading.ts";

/** The versions of the Kraftfile's form that are told apart. */
export type SpecVersion = "0.5" | "0.6" | "0.7";

interface Complaints {
  readonly error: (mistake: Mistake) => undefined;
  readonly warn: (mistake: Mistake) => undefined;
}

/**
 * What `spec` or `specification` says; with an error reported, the version that comes nearest, so
 * that the rest of the file can be read. Source: kraftkit.md §1.2.
 */
export function specVersionOf(document: MapValue, complaints: Complaints): SpecVersion {
  const long = document.entries.get("specification");
  const short = document.entries.get("spec");
  const entry = long ?? short;
  if (entry === undefined) {
    const at = [...document.entries.values()][0]?.keyAt ?? document.at;
    const help = "begin the file with `spec: v0.6`";
    complaints.error({ code: "missing-spec", message: "no `spec` says the version", at, help });
    return "0.6";
  }
  const version = versionIn(entry, complaints);
  if (long !== undefined && short !== undefined) {
    const complain = version === "0.7" ? complaints.error : complaints.warn;
    complain({
      code: "bad-spec",
      message: "both `spec` and `specification` stand here; the latter counts",
      at: short.keyAt,
      related: [{ message: "the one that counts", at: long.keyAt }],
    });
  }
  return version;
}

function versionIn({ key, keyAt, value }: Entry, { error, warn }: Complaints): SpecVersion {
  const text = value.kind === "scalar" ? value.text : "";
  const at = text === "" ? keyAt : value.at;
  const match = /^v?(0|[1-9]\d{0,8})(?:\.(0|[1-9]\d{0,8}))?(?:\.\d+)?(?:[-+].*)?$/.exec(text);
  if (match === null) {
    const help = "write `v0.5`, `v0.6` or `v0.7`";
    error({ code: "bad-spec", message: `\`${key}\` is no version`, at, help });
    return "0.6";
  }
  if (value.kind === "scalar" && typeof value.value === "number") {
    const message = `\`${key}\` must be text, and ${text} without quotes is a number`;
    error({ code: "bad-spec", message, at, help: `write "v${text}"` });
  }
  const [major, minor] = [Number(match[1]), Number(match[2] ?? 0)];
  if (major === 0 && minor >= 5 && minor <= 7) return `0.${minor}` as SpecVersion;
  if (major === 0 && minor < 5) {
    const message = `version ${text} is older than v0.5, and is read as that`;
    warn({ code: "unsupported-version", message, at, help: "write `v0.6`" });
    return "0.5";
  }
  const message = `version ${text} of Kraftfiles is not known`;
  error({ code: "unsupported-version", message, at, help: "the newest that is known is v0.7" });
  return "0.7";
}
