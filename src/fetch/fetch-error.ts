// What goes wrong with sources of others. Knows neither servers nor archives.

/**
 * Why there is no source:
 * - `bad-address`: no address that can be fetched;
 * - `unreachable`: nobody answered, or the answer broke off;
 * - `not-found`: it is not there;
 * - `refused`: whoever has it wants to know who asks, or does not give it to us;
 * - `server-error`: an answer that is none;
 * - `untrusted`: the server's certificate is not one that is trusted;
 * - `bad-redirect`: the server sends on to where we do not go;
 * - `too-large`: larger than allowed, before or after it was unpacked;
 * - `digest-mismatch`: other bytes than promised;
 * - `unknown-format`: not an archive, or another one than it is said to be;
 * - `broken-archive`: an archive that is cut off or not well formed;
 * - `unsafe-archive`: an archive that would write, or point, outside its folder;
 * - `unsupported-archive`: an archive with what we cannot unpack;
 * - `missing-program`: a program that is needed is not installed;
 * - `bad-manifest`: a manifest that says nothing we can use;
 * - `unknown-component`: no manifest tells of it, or not of this version;
 * - `offline`: it is not here, and no server may be asked;
 * - `interrupted`: somebody told us to stop.
 */
export type FetchErrorCode =
  | "bad-address"
  | "unreachable"
  | "not-found"
  | "refused"
  | "server-error"
  | "untrusted"
  | "bad-redirect"
  | "too-large"
  | "digest-mismatch"
  | "unknown-format"
  | "broken-archive"
  | "unsafe-archive"
  | "unsupported-archive"
  | "missing-program"
  | "bad-manifest"
  | "unknown-component"
  | "offline"
  | "interrupted";

/** A source that cannot be had. Its message is one line, and holds no credentials. */
export class FetchError extends Error {
  override readonly name = "FetchError";
  readonly code: FetchErrorCode;
  /** What to do about it; undefined when we know of nothing. */
  readonly help: string | undefined;

  constructor(
    code: FetchErrorCode,
    message: string,
    options: { readonly help?: string; readonly cause?: unknown } = {},
  ) {
    super(oneLine(message), { cause: options.cause });
    this.code = code;
    this.help = options.help;
  }
}

/** What servers and archives say may hold anything, and is shown to people. */
function oneLine(text: string): string {
  return text.replaceAll(controls, "?");
}

// oxlint-disable-next-line no-control-regex -- these are what must not get to a terminal.
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
