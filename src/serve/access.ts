// Who may read a served cache, and who may write to it. Knows no protocol.

import { createHash, timingSafeEqual } from "node:crypto";

/** What somebody may do; `write` includes reading. */
export type Right = "none" | "read" | "write";

/** Who may do what. */
export interface Access {
  /** What whoever shows `authorization`, a header's value, may do; absent: shows nothing. */
  readonly rightOf: (authorization: string | undefined) => Right;
}

/** Everybody has the right `right`. */
export function openAccess(right: Exclude<Right, "none">): Access {
  return { rightOf: () => right };
}

/** Why the text of a token file is none. Its message is one line, without secrets. */
export class TokenFileError extends Error {
  override readonly name = "TokenFileError";
}

/**
 * Who may do what by a token file: lines `write TOKEN` and `read TOKEN`, and `#` comments. Where
 * no line lets anyone read, everybody may. Throws a TokenFileError.
 */
export function accessByTokens(text: string, isReadOnly: boolean): Access {
  const rights = rightsIn(text);
  const everybody: Right = [...rights.values()].includes("read") ? "none" : "read";
  return {
    rightOf: (authorization) => {
      const token = authorization === undefined ? undefined : tokenIn(authorization);
      const right = token === undefined ? everybody : rightOfToken(token, rights);
      return isReadOnly && right === "write" ? "read" : right;
    },
  };
}

function rightsIn(text: string): ReadonlyMap<string, Right> {
  const rights = new Map<string, Right>();
  for (const [i, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, right = "", token = ""] = /^(read|write)\s+(\S+)$/.exec(line) ?? [];
    if (right !== "read" && right !== "write") {
      throw new TokenFileError(`line ${i + 1} is neither "read TOKEN" nor "write TOKEN"`);
    }
    rights.set(token, right);
  }
  if (rights.size === 0) throw new TokenFileError("it names no token");
  return rights;
}

/** Each known token is compared, in a time that does not depend on how much of it is right. */
function rightOfToken(token: string, rights: ReadonlyMap<string, Right>): Right {
  const given = sumOf(token);
  let found: Right = "none";
  for (const [known, right] of rights) if (timingSafeEqual(given, sumOf(known))) found = right;
  return found;
}

function sumOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** A bearer's token, or the password of whoever can only send one with a name. */
function tokenIn(authorization: string): string {
  const [, scheme = "", value = ""] = /^(\S+)\s+(\S+)$/.exec(authorization.trim()) ?? [];
  if (scheme.toLowerCase() !== "basic") return value;
  const pair = Buffer.from(value, "base64").toString();
  return pair.slice(pair.indexOf(":") + 1);
}
