// Opens what settings say is shared. Loads what it takes only when something is looked for.

import type { Host } from "../base/host.ts";
import type { RemoteCall } from "../remote/call-trace.ts";
import type { Remote, RemoteProblem } from "../remote/remote.ts";
import { parseRemoteUrl, type RemotePlace, shownRemoteUrl } from "../remote/remote-url.ts";
import type { Store } from "../store/store.ts";
import type { Settings } from "../workspace/config.ts";
import type { Listen } from "./event.ts";
import { SharedResults } from "./shared-results.ts";

/** What it is opened for. */
export interface SharedRequest {
  /** Absolute. */
  readonly root: string;
  readonly settings: Settings;
  readonly store: Store;
  readonly host: Host;
  /** Of the engine, for logs of the server. */
  readonly version: string;
  readonly listen: Listen;
}

/** The results that are shared with other machines; undefined when none are. */
export function openShared(
  request: SharedRequest & { readonly keeps: boolean },
): SharedResults | undefined {
  const { settings, store, listen, keeps } = request;
  const text = settings.values["remote.cache"].value;
  if (text === undefined) return undefined;
  const address = shownRemoteUrl(text);
  const place = parseRemoteUrl(text);
  if (place === undefined) {
    listen({ kind: "notice", message: `there can be no remote cache at ${address}` });
    return undefined;
  }
  return new SharedResults({
    store,
    keeps,
    address,
    // `ci` is decided when the remote is opened.
    uploads: settings.values["remote.upload"].value !== "never",
    listen,
    open: (tell) =>
      openAt(place, {
        ...request,
        address,
        tell,
        returns: true,
        called: (call) => listen({ kind: "remote-call", to: "cache", ...call }),
      }),
  });
}

/** A remote that is open, and what it tells from then on; or why there is none. */
export type OpenedRemote =
  | { readonly remote: Remote; readonly problems: readonly string[] }
  | { readonly problem: string };

/** Opens the remote cache of the settings, to which `uploads` gives whatever they say. */
export async function openRemoteNow(
  request: Omit<SharedRequest, "listen"> & { readonly uploads?: boolean },
): Promise<OpenedRemote> {
  const text = request.settings.values["remote.cache"].value;
  if (text === undefined) return { problem: "there is none" };
  const address = shownRemoteUrl(text);
  const place = parseRemoteUrl(text);
  if (place === undefined) return { problem: "no remote cache can have such an address" };
  const problems: string[] = [];
  const tell = ({ reason }: RemoteProblem): void => void problems.push(reason);
  const remote = await openAt(place, { ...request, address, tell });
  return remote === undefined
    ? { problem: problems[0] ?? "it cannot be used" }
    : { remote, problems };
}

/** Why the remote cache of the settings cannot be used; undefined when it can. */
export async function remoteProblem(
  request: Omit<SharedRequest, "listen">,
): Promise<string | undefined> {
  const opened = await openRemoteNow(request);
  if ("problem" in opened) return opened.problem;
  opened.remote.close();
  return opened.problems[0];
}

interface OpenRequest extends Omit<SharedRequest, "listen"> {
  readonly address: string;
  /** Absent: as the settings say. */
  readonly uploads?: boolean;
  /** Whether it is tried again when it was given up; absent: it is wanted for a moment only. */
  readonly returns?: true;
  readonly tell: (problem: RemoteProblem) => void;
  /** Hears of each request when it is over; absent: nobody wants to know. */
  readonly called?: (call: RemoteCall) => void;
}

async function openAt(place: RemotePlace, request: OpenRequest): Promise<Remote | undefined> {
  const { settings, store, host, tell, called } = request;
  // Each answer is a handful of objects: 30 MiB more save an eighth of the time.
  host.spendMemory?.();
  const { openRemote } = await import("../remote/open-remote.ts");
  const { openReturningRemote } = await import("../remote/returning-remote.ts");
  const { accessTo } = await import("./remote-access.ts");
  const { RemoteSettingError, signingFrom, uploadsFrom } = await import("./remote-settings.ts");
  try {
    const access = await accessTo({ ...request, place });
    const uploads = request.uploads ?? uploadsFrom(settings, host);
    const signing = signingFrom(settings);
    const trace = called && { trace: { now: host.now, tell: called } };
    const options = { place, ...access, signing, uploads, cas: store.cas, host, tell };
    const all = { ...options, ...trace, describe: packDescriber(settings) };
    return await (request.returns === true ? openReturningRemote(all) : openRemote(all));
  } catch (error) {
    if (!(error instanceof RemoteSettingError)) throw error;
    tell({ kind: "given-up", reason: error.message });
    return undefined;
  }
}

/**
 * What stands in place of an action for the results of a package, and whose digest is the key: no
 * encoded Action begins so. As for records, a workspace's name and the scope decide.
 */
function packDescriber({ values }: Settings): (group: string) => Uint8Array {
  const [workspace, scope] = [values.name.value, values["remote.scope"].value];
  return (group) => Buffer.from(JSON.stringify({ kraftGraphResults: 1, workspace, scope, group }));
}
