// The syntax of opam's files, as far as strings and lists go. Knows no field.

/** A value: all that is neither a string nor a list is `other`. */
export type OpamValue =
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly OpamValue[] }
  | { readonly kind: "other" };

/**
 * The fields of the file `text`, by name; or what is wrong with it, one line. Sections are passed
 * over. Source: opam's manual, "General syntax".
 */
export function fieldsOf(text: string): ReadonlyMap<string, OpamValue> | string {
  const fields = new Map<string, OpamValue>();
  try {
    const tokens = tokensOf(text);
    const reader = new Reader(tokens);
    while (!reader.isDone) {
      const name = reader.take();
      if (reader.skip(":")) fields.set(name.text, reader.value());
      else reader.section();
    }
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
  return fields;
}

interface Token {
  readonly kind: "string" | "word" | "sign";
  readonly text: string;
  readonly line: number;
}

const tokenPattern =
  /\s+|#[^\n]*|\(\*[\s\S]*?\*\)|"""(?<long>[\s\S]*?)"""|"(?<string>(?:[^"\\]|\\[\s\S])*)"|(?<sign>[[\](){}:])|(?<word>[^\s"[\](){}:#]+)/y;

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const found = tokenPattern.exec(text);
    if (found === null) throw new SyntaxError(`line ${line}: a string has no end`);
    const { long, string, sign, word } = found.groups ?? {};
    if (long !== undefined) tokens.push({ kind: "string", text: long, line });
    if (string !== undefined) tokens.push({ kind: "string", text: unescaped(string), line });
    if (sign !== undefined) tokens.push({ kind: "sign", text: sign, line });
    if (word !== undefined) tokens.push({ kind: "word", text: word, line });
    line += found[0].split("\n").length - 1;
  }
  return tokens;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(\r?\n[ \t]*|[\s\S])/g, (_, one: string) => {
    if (/^\r?\n/.test(one)) return "";
    return { n: "\n", t: "\t", r: "\r", b: "\b" }[one] ?? one;
  });
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isDone(): boolean {
    return this.#at >= this.#tokens.length;
  }

  take(): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new SyntaxError("the file ends too early");
    return token;
  }

  skip(sign: string): boolean {
    const token = this.#tokens[this.#at];
    const isThere = token?.kind === "sign" && token.text === sign;
    if (isThere) this.#at++;
    return isThere;
  }

  /** One value, with what stands in braces behind it. */
  value(): OpamValue {
    const token = this.take();
    const value = this.#rest(token);
    while (this.skip("{")) this.#through("}");
    return value;
  }

  /** What stands behind the name of a section, up to the end of its braces. */
  section(): void {
    while (!this.skip("{")) this.take();
    this.#through("}");
  }

  #rest(token: Token): OpamValue {
    if (token.kind === "string") return { kind: "string", text: token.text };
    if (token.kind === "word") return { kind: "other" };
    if (token.text === "[") {
      const items: OpamValue[] = [];
      while (!this.skip("]")) items.push(this.value());
      return { kind: "list", items };
    }
    if (token.text !== "(")
      throw new SyntaxError(`line ${token.line}: "${token.text}" is no value`);
    this.#through(")");
    return { kind: "other" };
  }

  /** Passes over all up to the sign that closes what is open. */
  #through(end: string): void {
    for (let depth = 1; depth > 0; ) {
      const { kind, text } = this.take();
      if (kind !== "sign") continue;
      if (text === end) depth--;
      else if (text === (end === "}" ? "{" : "(")) depth++;
    }
  }
}
