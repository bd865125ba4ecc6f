import { posix } from "node:path";

import {
  freshPlace,
  newPackage,
  type NewPackage,
  packagePlaceOf,
} from "../engine/start-package.ts";
import { startWorkspace, writePackage } from "../engine/start-workspace.ts";
import { templateNamed } from "../engine/templates.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { mistakeLog } from "./mistakes.ts";
import { describePackage, describeStarted } from "./describe-started.ts";

/** What `init` is to make. */
export interface StartHere {
  /** Absolute. */
  readonly directory: string;
  /** Undefined: none. */
  readonly template: string | undefined;
  readonly wantsExample: boolean;
  readonly context: KraftContext;
}

/** Makes a workspace of a directory, or a package of a workspace; gives the exit code. */
export async function startHere(request: StartHere): Promise<number> {
  const { directory, template, wantsExample, context } = request;
  const { host, builtIn, engine, stdout, stderr } = context;
  const name = template ?? (wantsExample ? exampleName : undefined);
  const chosen = name === undefined ? undefined : await choosePackage(name, request);
  if (name !== undefined && chosen === undefined) return exitCodes.refused;
  const isNested = chosen !== undefined && chosen.isWorkspace && chosen.root !== directory;
  if (template !== undefined && isNested) {
    const files = writePackage(chosen.root, chosen.addition);
    stdout.write(describePackage(chosen.addition.path, files));
    return exitCodes.ok;
  }
  const { version } = engine;
  const addition = chosen?.addition;
  const isExample = template === undefined;
  const started = await startWorkspace({ directory, addition, isExample, version, builtIn, host });
  if (started.kind === "inside") {
    stderr.write(
      `error: ${directory} is part of the workspace in ${started.root}\n` +
        "a workspace inside of another is none of its packages: write its kraft.workspace.yaml yourself\n",
    );
    return exitCodes.refused;
  }
  const { isInside, shown } = placeOf(directory, host.workingDirectory);
  stdout.write(describeStarted(started, { isInside, shown, wantsExample }));
  return exitCodes.ok;
}

/** Lists what a package in `directory` can begin with; gives the exit code. */
export async function listTemplates(directory: string, context: KraftContext): Promise<number> {
  const log = mistakeLog(context);
  const place = await packagePlaceOf(directory, context, log.report);
  if (log.tell().hasErrors || place === undefined) return exitCodes.refused;
  const { templates } = place;
  const width = Math.max(0, ...templates.map(({ name }) => name.length));
  const lines = templates.map(
    ({ name, template }) => `${name.padEnd(width)}  ${template.description}\n`,
  );
  context.stdout.write(lines.join(""));
  return exitCodes.ok;
}

/** That of Unikraft. */
const exampleName = "hello";

/** A package of the template `name`, and where; undefined when there is none: that was told. */
async function choosePackage(
  name: string,
  { directory, template, context }: StartHere,
): Promise<
  | { readonly addition: NewPackage; readonly root: string; readonly isWorkspace: boolean }
  | undefined
> {
  const log = mistakeLog(context);
  // The example is the same wherever it is wanted, whatever rule sets a workspace there has.
  const place = await (template === undefined
    ? freshPlace(directory, context.builtIn)
    : packagePlaceOf(directory, context, log.report));
  const offered = place && templateNamed(name, place.templates, log.report);
  if (place === undefined || offered === undefined) {
    log.tell();
    return undefined;
  }
  const { root, isWorkspace } = place;
  const where = { directory, root, version: context.engine.version };
  const addition = newPackage(offered, where, log.report);
  if (addition !== undefined && place.isLeftOut(addition.path)) {
    log.report({
      severity: "error",
      code: "unknown-package",
      message:
        `//${addition.path} would be no package: ` +
        "`packages` in kraft.workspace.yaml or a .kraftignore leaves it out",
      help: "name another directory, or have them include this one",
    });
  }
  return log.tell().hasErrors || addition === undefined
    ? undefined
    : { addition, root, isWorkspace };
}

/** How the user would name `directory` from where they are. */
function placeOf(directory: string, workingDirectory: string) {
  const relative = posix.relative(workingDirectory, directory);
  return { isInside: relative === "", shown: relative.startsWith("..") ? directory : relative };
}
