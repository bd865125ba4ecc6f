// A line of shell that is one program with plain words, told without a shell. Starts nothing.
//
// As make does: where a line means the same without a shell, the shell is not started. It would
// take as much of the processor as a small program, and half of what small actions take is this.

/** What a shell would make of a line. */
export interface SimpleCommand {
  /** The first is looked up in PATH, as it has no slash, or is a path. */
  readonly words: readonly [program: string, ...args: string[]];
  readonly stdin: string | undefined;
  readonly stdout: string | undefined;
}

/** What POSIX 2.4 and 2.14 list, and what dash has of its own: never programs to a shell. */
const ownWords = new Set(
  (
    ". : [ alias bg bind break builtin case cd chdir command continue do done echo elif else esac " +
    "eval exec exit export false fc fg fi for function getopts hash if in jobs kill let local " +
    "printf pwd read readonly return select set shift source suspend test then time times trap " +
    "true type typeset ulimit umask unalias unset until wait while"
  ).split(" "),
);

/** Variables that a shell sets, whatever it was given. */
const ownVariables = ["IFS", "LINENO", "OLDPWD", "OPTIND", "PPID", "PWD", "_"];

/** No character of these means anything to a shell, wherever it stands in a word. */
const plain = "[A-Za-z0-9_./+,@%:=-]";
const name = "[A-Za-z_][A-Za-z0-9_]*";
// A name ends where it can go on no longer: else each would be tried in as many ways as it has letters.
const word = `(?:${plain}|\\$${name}(?![A-Za-z0-9_])|\\$\\{${name}\\})+`;
const line = new RegExp(
  `^[ \\t]*(?<words>${word}(?:[ \\t]+${word})*)` +
    `(?:[ \\t]+<[ \\t]*(?<stdin>${word}))?(?:[ \\t]+>[ \\t]*(?<stdout>${word}))?[ \\t]*$`,
);
const variable = /\$(?:\{(\w+)\}|(\w+))/g;
const plainValue = new RegExp(`^(?:${plain}| )*$`);
const plainWord = new RegExp(`^${plain}+$`);

/** What `sh -c script` runs in `env`; undefined where it takes a shell to say. */
export function simpleCommandOf(
  script: string,
  env: Readonly<Record<string, string>>,
): SimpleCommand | undefined {
  const parts = partsOf(script);
  if (parts === undefined || ownVariables.some((own) => own in env)) return undefined;
  // What is not in quotes is split after variables are put in.
  const args = expand(parts.args, env);
  const stdin = targetOf(parts.stdin, env);
  const stdout = targetOf(parts.stdout, env);
  if (args === undefined || stdin === null || stdout === null) return undefined;
  return { words: [parts.program, ...args.split(" ").filter((one) => one !== "")], stdin, stdout };
}

/** A line with its variables. */
interface Parts {
  readonly program: string;
  readonly args: string;
  readonly stdin: string | undefined;
  readonly stdout: string | undefined;
}

function partsOf(script: string): Parts | undefined {
  // One rule writes the same line for all of its actions.
  if (latest?.script !== script) latest = { script, parts: parse(script) };
  return latest.parts;
}

let latest: { readonly script: string; readonly parts: Parts | undefined } | undefined;

function parse(script: string): Parts | undefined {
  const { words = "", stdin, stdout } = line.exec(script)?.groups ?? {};
  const [program = "", ...args] = words.split(/[ \t]+/);
  if (!plainWord.test(program) || program.includes("=") || ownWords.has(program)) return undefined;
  return { program, args: args.join(" "), stdin, stdout };
}

/** The path that a stream goes to: undefined for none, null where it takes a shell to say. */
function targetOf(
  text: string | undefined,
  env: Readonly<Record<string, string>>,
): string | undefined | null {
  if (text === undefined) return undefined;
  const path = expand(text, env);
  return path !== undefined && plainWord.test(path) ? path : null;
}

/** Undefined when a variable is not in `env`, or holds what a shell would take for more. */
function expand(text: string, env: Readonly<Record<string, string>>): string | undefined {
  let isPlain = true;
  const expanded = text.replace(variable, (_, inBraces?: string, bare?: string) => {
    const value = env[inBraces ?? bare!];
    if (value === undefined || !plainValue.test(value)) isPlain = false;
    return value ?? "";
  });
  return isPlain ? expanded : undefined;
}
