/** A value that a format cannot hold, or bytes that are not of the format they should be. */
export class FormatError extends Error {
  override readonly name = "FormatError";
  /** What is at fault, as people read it: a file, or a member of an archive. */
  readonly path: string;

  /** `reason` goes on from the path, as in "is larger than 4 GiB". */
  constructor(path: string, reason: string) {
    super(`${path} ${reason}`);
    this.path = path;
  }
}

/** `name` for people: as text, or with what is not UTF-8 shown as in `caf\xe9`. */
export function readableName(name: Uint8Array): string {
  const bytes = Buffer.from(name);
  const text = bytes.toString("utf8");
  if (Buffer.from(text).equals(bytes)) return text.replaceAll(controls, escapeOf);
  return bytes.toString("latin1").replaceAll(foreign, escapeOf);
}

// oxlint-disable-next-line no-control-regex -- a name may hold them, a line for people may not.
const controls = /[\u0000-\u001f\u007f]/g;
const foreign = /[^ -~]/g;

function escapeOf(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
