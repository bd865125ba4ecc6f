/** How `--chmod` changes the mode of what is copied; undefined when `text` is no mode. */
export function parseChmod(
  text: string,
): ((mode: number, isDirectory: boolean) => number) | undefined {
  if (/^0*[0-7]{1,4}$/.test(text)) return () => Number.parseInt(text, 8);
  const clauses = text.split(",").map(parseClause);
  if (clauses.some((clause) => clause === undefined)) return undefined;
  return (mode, isDirectory) =>
    clauses.reduce((now, clause) => clause?.(now, isDirectory) ?? now, mode);
}

type Change = (mode: number, isDirectory: boolean) => number;

/** As `u+x`, `go-w`, `a=rX`. Source: POSIX, chmod. */
function parseClause(text: string): Change | undefined {
  const [whole, who = "", actions = ""] =
    /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const users = who === "" || who.includes("a") ? "ugo" : who;
  return (mode, isDirectory) => {
    let result = mode;
    for (const [, operator = "", permissions = ""] of actions.matchAll(
      /([-+=])([rwxXst]*|[ugo])/g,
    )) {
      const bits = bitsOf(users, permissions, { mode: result, isDirectory });
      if (operator === "+") result |= bits;
      else if (operator === "-") result &= ~bits;
      else result = (result & ~clearedBy(users)) | bits;
    }
    return result & 0o7777;
  };
}

const shiftOf: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };

function bitsOf(
  users: string,
  permissions: string,
  { mode, isDirectory }: { readonly mode: number; readonly isDirectory: boolean },
): number {
  let bits = 0;
  for (const user of users) {
    const shift = shiftOf[user] ?? 0;
    for (const permission of permissions) {
      if (permission === "r") bits |= 4 << shift;
      else if (permission === "w") bits |= 2 << shift;
      else if (permission === "x") bits |= 1 << shift;
      else if (permission === "X") bits |= isDirectory || (mode & 0o111) !== 0 ? 1 << shift : 0;
      else if (permission === "s") bits |= user === "u" ? 0o4000 : user === "g" ? 0o2000 : 0;
      else if (permission === "t") bits |= 0o1000;
      else bits |= ((mode >> (shiftOf[permission] ?? 0)) & 7) << shift;
    }
  }
  return bits;
}

function clearedBy(users: string): number {
  let bits = 0;
  for (const user of users) bits |= 7 << (shiftOf[user] ?? 0);
  return bits | (users.includes("u") ? 0o4000 : 0) | (users.includes("g") ? 0o2000 : 0);
}
