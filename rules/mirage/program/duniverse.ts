// What opam-monorepo has chosen → actions that bring it, and the build behind them.

import { readFileSync, writeFileSync } from "node:fs";

import {
  type Action,
  type ExecPath,
  type Program,
  ProgramError,
  type RemoteSource,
  type WithoutOwner,
  formatYielded,
} from "../../../src/index.ts";
import { type DuniverseEntry, readDuniverse } from "../opam/lock-file.ts";
import { unpackProgram } from "./unpack.ts";

/** What planning takes, as the rule hands it over. */
export interface DuniverseRequest {
  /** Below which the sources are to be. */
  readonly into: ExecPath;
  /** The build, less the sources that it takes. */
  readonly build: WithoutOwner<Extract<Action, { kind: "command" }>>;
}

/** Lists the actions. Arguments: the output, the lock file, the request as JSON. */
export const duniverseProgram: Program = {
  name: "duniverse",
  version: 1,
  run: async ([output, lock, words], { resolve }) => {
    if (output === undefined || lock === undefined || words === undefined) {
      throw new ProgramError("arguments are missing");
    }
    const request = JSON.parse(words) as DuniverseRequest;
    const entries = readDuniverse(readFileSync(resolve(lock), "utf8"), lock);
    writeFileSync(resolve(output), formatYielded(actionsOf(entries, request)));
  },
};

/** The actions that bring `entries`, and the build of `request` with them. */
export function actionsOf(
  entries: readonly DuniverseEntry[],
  { into, build }: DuniverseRequest,
): readonly WithoutOwner<Action>[] {
  const places = entries.map(({ directory }) => `${into}/${directory}`);
  const [program, ...args] = build.argv;
  const words = entries.flatMap(({ directory }, i) => [directory, places[i]!]);
  return [
    ...entries.flatMap((entry) => fetching(entry, into)),
    { ...build, argv: [program, ...args, ...words], inputs: [...build.inputs, ...places] },
  ];
}

function fetching(entry: DuniverseEntry, into: ExecPath): readonly WithoutOwner<Action>[] {
  const source = sourceOf(entry);
  const place = `${into}/${entry.directory}`;
  // By names that are the same for all targets, so that they share what there is.
  const mounts = { [into]: "duniverse" };
  const seen = `duniverse/${entry.directory}`;
  const fetch = (output: ExecPath): WithoutOwner<Action> => {
    return {
      kind: "fetch",
      mnemonic: "MirageFetch",
      subject: entry.directory,
      source,
      inputs: [],
      outputs: [output],
      mounts,
    };
  };
  if (source.kind === "git") return [fetch(place)];
  // As it is, since lock files have checksums of any kind, and archives are named by one.
  const archive = `${place}.archive`;
  return [
    fetch(archive),
    {
      kind: "program",
      mnemonic: "MirageUnpack",
      subject: entry.directory,
      program: "mirage/unpack",
      version: unpackProgram.version,
      args: [`${seen}.archive`, seen],
      inputs: [archive],
      outputs: [place],
      mounts,
    },
  ];
}

/** Source: opam, "URLs": `git+https://…#commit`, or the address of an archive. */
function sourceOf({ url, checksums }: DuniverseEntry): RemoteSource {
  const [address = "", reference] = url.split("#");
  const isGit = /^git\+|^git:|\.git$/.test(address);
  if (!isGit) return { kind: "file", urls: [address], checksums };
  const plain = address.replace(/^git\+/, "");
  return { kind: "git", url: plain, ...(reference !== undefined && { reference }) };
}
