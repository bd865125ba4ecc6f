// Opens what settings say runs elsewhere. Loads what it takes only when something is to run there.

import type { Host } from "../base/host.ts";
import type { PatternContext } from "../label/pattern.ts";
import type { CallListener } from "../remote/call-trace.ts";
import { parseRemoteUrl, shownRemoteUrl } from "../remote/remote-url.ts";
import type { Settings } from "../workspace/config.ts";
import type { Equipment } from "./equipment.ts";
import type { Listen } from "./event.ts";
import type { Input } from "./inputs.ts";
import { bringInputs } from "./lost-output.ts";
import { RemoteRunner } from "./remote-runner.ts";
import type { SharedResults } from "./shared-results.ts";
import { strategyFrom } from "./strategy.ts";

/** What it is opened for. */
export interface RemoteRunnerRequest {
  /** Absolute. */
  readonly root: string;
  readonly settings: Settings;
  readonly equipment: Equipment;
  readonly patterns: PatternContext;
  readonly sourceDateEpoch: number;
  /** Results of other machines; absent: there are none. */
  readonly shared: SharedResults | undefined;
  readonly host: Host;
  /** Of the engine, for logs of the server. */
  readonly version: string;
  readonly listen: Listen;
}

/** A runner that uses other machines; undefined when all runs here. */
export function openRemoteRunner(request: RemoteRunnerRequest): RemoteRunner | undefined {
  const { settings, equipment, listen, host, patterns, sourceDateEpoch } = request;
  const { values } = settings;
  const text = values["remote.executor"].value;
  if (text === undefined) return undefined;
  const address = shownRemoteUrl(text);
  const place = parseRemoteUrl(text);
  const notice = (message: string) => listen({ kind: "notice", message });
  if (place?.kind !== "grpc") {
    notice(`nothing is executed at ${address}, which is not grpc://HOST:PORT or grpcs://HOST:PORT`);
    return undefined;
  }
  const tell = (reason: string) =>
    notice(`going on without the remote executor ${address}: ${reason}`);
  const trace: CallListener = {
    now: host.now,
    tell: (call) => listen({ kind: "remote-call", to: "executor", ...call }),
  };
  const { runner, store, toolchain, inputs, logFiles } = equipment;
  return new RemoteRunner({
    local: runner,
    toolchain,
    inputs,
    logFiles,
    cas: store.cas,
    host,
    jobs: values["build.jobs"].value,
    bring: bringFor(request, text),
    strategyOf: strategyFrom(values["build.strategy"].value, patterns, notice),
    setting: {
      path: values["build.path"].value,
      sourceDateEpoch,
      platform: Object.entries(values["remote.platform"].value).map(([name, value]) => ({
        name,
        value,
      })),
      scope: values["remote.scope"].value,
    },
    open: async () => {
      const { openRemoteExecution } = await import("../remote/remote-execution.ts");
      const { accessTo } = await import("./remote-access.ts");
      const { RemoteSettingError } = await import("./remote-settings.ts");
      try {
        const access = await accessTo({ ...request, place, address });
        return await openRemoteExecution({ place, ...access, cas: store.cas, tell, trace });
      } catch (error) {
        if (!(error instanceof RemoteSettingError)) throw error;
        tell(error.message);
        return undefined;
      }
    },
  });
}

/** Where what runs there is in the remote cache as well, as both are one place, it can be had later. */
function bringFor({ shared, settings }: RemoteRunnerRequest, executor: string) {
  if (shared === undefined || settings.values["remote.cache"].value !== executor) return undefined;
  return (inputs: readonly Input[]): Promise<void> => bringInputs(inputs, shared);
}
