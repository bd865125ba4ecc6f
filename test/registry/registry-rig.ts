// The real registry of Debian's docker-registry, on the loopback interface.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

import { Registries } from "../../src/registry/registries.ts";
import { testContext } from "../fetch/fetch-rig.ts";
import type { Certificate } from "../fetch/server-rig.ts";

/** A registry that runs. */
export interface LiveRegistry {
  /** Host and port. */
  readonly host: string;
  /** Where it keeps its blobs. */
  readonly storage: string;
}

/** How a registry is to be. */
export interface RegistryOptions {
  readonly tls?: Certificate;
  /** The file of the authority that clients must have a certificate of; absent: they need none. */
  readonly clientAuthority?: string;
  /** Who alone may use it. */
  readonly account?: { readonly user: string; readonly password: string };
}

/** Starts a registry on a port of its own, which runs until the test ends. */
export async function startRegistry(options: RegistryOptions = {}): Promise<LiveRegistry> {
  const registry = await openRegistry(options);
  onTestFinished(registry.close);
  return registry;
}

/** Starts a registry on a port of its own, and waits until it listens. */
export async function openRegistry({
  tls,
  clientAuthority,
  account,
}: RegistryOptions = {}): Promise<LiveRegistry & { readonly close: () => Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), "kraft-registry-"));
  const storage = join(directory, "storage");
  mkdirSync(storage);
  const config: unknown = {
    version: "0.1",
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: {
      addr: "127.0.0.1:0",
      ...(tls && {
        tls: {
          certificate: tls.cert,
          key: tls.key,
          ...(clientAuthority !== undefined && { clientcas: [clientAuthority] }),
        },
      }),
    },
    ...(account && { auth: { htpasswd: htpasswdOf(account, directory) } }),
  };
  writeFileSync(join(directory, "config.yml"), JSON.stringify(config));
  const child = spawn("docker-registry", ["serve", join(directory, "config.yml")], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: "/usr/bin:/bin", OTEL_TRACES_EXPORTER: "none" },
  });
  const ended = new Promise<void>((resolve) => void child.on("exit", () => resolve()));
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  const host = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.on("error", reject);
    child.on("exit", () => reject(new Error(`docker-registry ended: ${said}`)));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const found = /listening on (127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return { host, storage, close };
}

/** Copies by skopeo, with all images of an index, and without packing layers in another way. */
export function skopeoCopy(from: string, to: string, ...options: readonly string[]): void {
  skopeo("copy", "--all", "--preserve-digests", ...options, from, to);
}

/** Runs skopeo with `args`, and gives what it prints. */
export function skopeo(...args: string[]): string {
  return execFileSync("skopeo", ["--insecure-policy", ...args], {
    encoding: "utf8",
    stdio: "pipe",
  });
}

function htpasswdOf({ user, password }: { user: string; password: string }, directory: string) {
  const path = join(directory, "htpasswd");
  const line = execFileSync("htpasswd", ["-Bbn", user, password], { encoding: "utf8" });
  writeFileSync(path, line.trim());
  return { realm: "test", path };
}

/** Registries as users have them who have said nothing; they are closed when the test ends. */
export function openRegistries(environment: Record<string, string> = {}): Registries {
  const { context } = testContext(environment);
  const registries = new Registries({ insecure: [], mirrors: {} }, context);
  onTestFinished(() => registries.close());
  return registries;
}

/**
 * Forwards to `target`, and once, after so many bytes have gone one way, ends all connections
 * without a word.
 */
export async function cuttingProxy(
  target: string,
  limits: { readonly toServer?: number; readonly toClient?: number },
): Promise<{ readonly host: string; readonly cuts: () => number }> {
  const counts = { toServer: 0, toClient: 0 };
  let cuts = 0;
  const count = (way: keyof typeof counts, bytes: number) => {
    counts[way] += bytes;
    if (cuts > 0 || counts[way] < (limits[way] ?? Number.POSITIVE_INFINITY)) return;
    cuts++;
    cutAll();
  };
  const { host, cutAll } = await pairing(target, (client, onward) => {
    client.on("data", (bytes) => count("toServer", bytes.byteLength));
    onward.on("data", (bytes) => count("toClient", bytes.byteLength));
    client.pipe(onward).pipe(client);
  });
  return { host, cuts: () => cuts };
}

/** A proxy that stops in the middle of things. */
export interface HoldingProxy {
  readonly host: string;
  /** Forwards so many more bytes the one way, and then none until it is released. */
  readonly holdAfter: (bytes: number) => Promise<void>;
  /** Forwards all; gives how much has gone that way since it was last told what to do. */
  readonly release: () => number;
}

/** Forwards to `target`; connections that are held stay open for as long as the client wants. */
export async function holdingProxy(
  target: string,
  way: "toServer" | "toClient",
): Promise<HoldingProxy> {
  let gone = 0;
  let limit = Number.POSITIVE_INFINITY;
  let held: () => void = () => undefined;
  const forward = (from: Socket, to: Socket, isCounted: boolean) => {
    from.on("data", (bytes) => {
      if (isCounted && gone + bytes.byteLength > limit) {
        from.pause();
        return held();
      }
      if (isCounted) gone += bytes.byteLength;
      if (to.write(bytes)) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
    from.on("end", () => to.end());
  };
  const { host } = await pairing(target, (client, onward) => {
    forward(client, onward, way === "toServer");
    forward(onward, client, way === "toClient");
  });
  const release = () => {
    const before = gone;
    gone = 0;
    limit = Number.POSITIVE_INFINITY;
    return before;
  };
  const holdAfter = (bytes: number) => {
    release();
    limit = bytes;
    return new Promise<void>((resolve) => void (held = resolve));
  };
  return { host, holdAfter, release };
}

/** A server that has `join` connect each client with `target`, until the test ends. */
async function pairing(
  target: string,
  join: (client: Socket, onward: Socket) => void,
): Promise<{ readonly host: string; readonly cutAll: () => void }> {
  const [name = "", port] = target.split(":");
  const open = new Set<Socket>();
  const cutAll = () => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((client) => {
    const onward = connect(Number(port), name);
    for (const socket of [client, onward]) {
      open.add(socket);
      socket
        .on("error", () => undefined)
        .on("close", () => {
          open.delete(socket);
          client.destroy();
          onward.destroy();
        });
    }
    join(client, onward);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    cutAll();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, cutAll };
}
