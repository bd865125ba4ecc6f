import { readFileSync } from "node:fs";

import { Command, Option } from "clipanion";

import type { Access } from "../serve/access.ts";
import type { CacheServer, CacheServerRequest, ListenAddress } from "../serve/cache-server.ts";
import type { Settings } from "../workspace/config.ts";
import { exitCodes, type KraftContext } from "./context.ts";
import { openForCommand } from "./open-for-command.ts";
import { repositoryRequest, workspaceOptions } from "./target-options.ts";

/** `kraft-graph cache serve` */
export class CacheServeCommand extends Command<KraftContext> {
  static override paths = [["cache", "serve"]];
  static override usage = Command.Usage({
    category: "Workspace",
    description: "let other machines and other tools use the local cache",
    details: `
      Serves the local cache to this engine, to Bazel, and to whatever speaks version 2 of the
      Remote Execution API (at \`--listen\`) or HTTP with \`/ac\` and \`/cas\` (at \`--http\`). What is
      taken in is checked: blobs against their digests, and results for all that they name. At the
      HTTP address there are \`/status\` and \`/metrics\`, for people and for Prometheus.

      A token file has lines \`write TOKEN\` and \`read TOKEN\`; without a line of the latter kind
      everybody may read. Clients send \`authorization: Bearer TOKEN\`. Beyond this machine nothing
      is served that everybody may write to. Ctrl-C ends it.
    `,
    examples: [
      ["For the builds of this machine", "$0 cache serve"],
      [
        "For a team",
        "$0 cache serve --listen 0.0.0.0:9092 --http 0.0.0.0:9093 --token-file tokens --max-size 200GiB",
      ],
    ],
  });

  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  listen = Option.String("--listen", "127.0.0.1:9092", {
    description: "where to serve the Remote Execution API (127.0.0.1:9092); port 0: any",
  });
  http = Option.String("--http", "127.0.0.1:9093", {
    description: "where to serve HTTP (127.0.0.1:9093)",
  });
  readOnly = Option.Boolean("--read-only", false, { description: "take nothing in" });
  tokenFile = Option.String("--token-file", { description: "who may read, and who may write" });
  maxSize = Option.String("--max-size", {
    description: "how much the cache may hold, such as 200GiB (as `cache.maxSize` says)",
  });
  maxAge = Option.String("--max-age", {
    description: "how long unused things stay (as `cache.maxAge` says)",
  });
  certificate = Option.String("--tls-certificate", { description: "serve by TLS, with this one" });
  key = Option.String("--tls-key", { description: "the key of the certificate" });

  override async execute(): Promise<number> {
    const { stdout, stderr, signal } = this.context;
    const refuse = (message: string) => {
      stderr.write(`error: ${message}\n`);
      return exitCodes.refused;
    };
    const request = { ...repositoryRequest(this, this.#flags()), needsWorkspace: false };
    const repository = await openForCommand(this.context, request);
    if (repository === undefined) return exitCodes.refused;
    const access = await this.#access();
    if (typeof access === "string") return refuse(access);
    const asked = await this.#request(repository.settings, access);
    if (typeof asked === "string") return refuse(asked);
    const server = await start(asked);
    if (typeof server === "string") {
      stderr.write(`error: ${server}\n`);
      return exitCodes.failed;
    }
    const s = asked.tls === undefined ? "" : "s";
    stdout.write(`grpc${s}://${asked.grpc.host}:${server.grpc}\n`);
    stdout.write(`http${s}://${asked.http.host}:${server.http}\n`);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await server.close();
    return exitCodes.interrupted;
  }

  #flags() {
    const stated = [
      ["--max-size", "cache.maxSize", this.maxSize],
      ["--max-age", "cache.maxAge", this.maxAge],
    ] as const;
    return stated.flatMap(([name, key, text]) => (text === undefined ? [] : [{ name, key, text }]));
  }

  /** Who may do what, or why that cannot be. */
  async #access(): Promise<Access | string> {
    const { accessByTokens, openAccess, TokenFileError } = await import("../serve/access.ts");
    if (this.tokenFile === undefined) {
      if (this.readOnly) return openAccess("read");
      const open = [this.listen, this.http].find((address) => !isLoopback(address));
      if (open === undefined) return openAccess("write");
      return `everybody could write to a cache at ${open}: state --token-file or --read-only`;
    }
    const text = readText(this.tokenFile);
    if (text instanceof Error) return text.message;
    try {
      return accessByTokens(text.text, this.readOnly);
    } catch (error) {
      if (error instanceof TokenFileError) return `${this.tokenFile}: ${error.message}`;
      throw error;
    }
  }

  /** What is asked of the server, or what is wrong with it. */
  async #request({ values }: Settings, access: Access): Promise<CacheServerRequest | string> {
    const { host, engine } = this.context;
    const [grpc, http] = [this.listen, this.http].map(parseAddress);
    if (grpc === undefined) return `--listen ${this.listen} is not HOST:PORT`;
    if (http === undefined) return `--http ${this.http} is not HOST:PORT`;
    if ((this.certificate === undefined) !== (this.key === undefined)) {
      return "--tls-certificate and --tls-key go together";
    }
    const [certificate, key] = [this.certificate, this.key].map((path) =>
      path === undefined ? undefined : readText(path),
    );
    if (certificate instanceof Error) return certificate.message;
    if (key instanceof Error) return key.message;
    const { openStore } = await import("../store/store.ts");
    return {
      store: openStore(values["cache.dir"].value, host),
      limits: {
        maxSizeBytes: values["cache.maxSize"].value,
        maxAgeMs: values["cache.maxAge"].value,
      },
      grpc,
      http,
      access,
      isReadOnly: this.readOnly,
      ...(certificate !== undefined &&
        key !== undefined && { tls: { certificate: certificate.text, key: key.text } }),
      version: engine.version,
      host,
    };
  }
}

/** The server, or why there is none. */
async function start(request: CacheServerRequest): Promise<CacheServer | string> {
  const { serveCache } = await import("../serve/cache-server.ts");
  const { StoreError } = await import("../store/store-error.ts");
  try {
    return await serveCache(request);
  } catch (error) {
    if (error instanceof StoreError || !(error instanceof Error)) throw error;
    return `nothing can be served: ${error.message}`;
  }
}

/** `HOST:PORT`, with an IPv6 address in brackets. */
function parseAddress(text: string): ListenAddress | undefined {
  const [, host = "", port = ""] = /^(\[[0-9a-f:.]+\]|[^:]+):(\d{1,5})$/i.exec(text) ?? [];
  return host === "" || Number(port) > 65_535 ? undefined : { host, port: Number(port) };
}

function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\]):/.test(address);
}

function readText(path: string): { readonly text: string } | Error {
  try {
    return { text: readFileSync(path, "utf8") };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
