import type { ExecPath, RuleContext } from "../../src/index.ts";
import type { ProjectComponent } from "./project.ts";

type Context = Pick<RuleContext<unknown>, "component" | "action" | "report">;

/** Where actions find `component`; one that is in a repository gets an action that fetches it. */
export function componentPath(component: ProjectComponent, context: Context): ExecPath | undefined {
  const { name, source, at } = component;
  switch (source.kind) {
    case "directory":
      return context.component(name, { kind: "directory", directory: source.path });
    case "git":
      return fetchedPath(name, source, context);
    case "archive":
      context.report({
        severity: "error",
        code: "unsupported-source",
        message: `the component ${name} is an archive, and archives cannot be fetched yet`,
        at,
        help: "unpack it and name the directory, or name a git repository",
      });
      return undefined;
  }
}

/**
 * Fetches one commit, without history and with nothing of git left, so that the same commit is the
 * same tree. A branch is fetched once and kept, as no key can tell that it moved.
 */
function fetchedPath(
  name: string,
  { url, reference }: { readonly url: string; readonly reference?: string | undefined },
  { component, action }: Context,
): ExecPath {
  const path = component(name, { kind: "action", identity: `${url}#${reference ?? ""}` });
  action({
    kind: "command",
    mnemonic: "Fetch",
    subject: reference === undefined ? url : `${url} at ${reference}`,
    argv: ["sh", "-ec", fetchScript, "fetch", path, url, reference ?? "HEAD"],
    // Nothing of the user's configuration may change what is fetched, and no prompt may wait.
    env: { GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
    inputs: [],
    outputs: [path],
    tools: ["sh", "git"],
    network: true,
    resources: { network: 1 },
  });
  return path;
}

const fetchScript = `
git -c init.defaultBranch=main init --quiet "$1"
git -C "$1" -c protocol.ext.allow=never fetch --quiet --depth=1 "$2" "$3"
git -C "$1" -c core.hooksPath=/dev/null -c advice.detachedHead=false checkout --quiet FETCH_HEAD
rm -rf "$1/.git"
`;
