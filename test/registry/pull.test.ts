import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import type { WantedPlatform } from "../../src/action/remote-source.ts";
import { FetchError } from "../../src/fetch/fetch-error.ts";
import { chooseImage } from "../../src/registry/choose-image.ts";
import { pullImage } from "../../src/registry/pull-image.ts";
import { blobsIn, partsOf, readLayoutRoots } from "../../src/registry/layout.ts";
import { pushImage } from "../../src/registry/push-image.ts";
import { registryDigestOf } from "../../src/registry/registry-digest.ts";
import { parseReference } from "../../src/registry/reference.ts";
import { Registries, type RegistrySettings } from "../../src/registry/registries.ts";
import { freshDirectory, testContext } from "../fetch/fetch-rig.ts";
import { makeCertificate } from "../fetch/server-rig.ts";
import { directoryKeeper, rootOf, writeTestImage } from "./image-rig.ts";
import { cuttingProxy, openRegistries, skopeo, skopeoCopy, startRegistry } from "./registry-rig.ts";

const qemu = { os: "qemu", architecture: "x86_64" };

/** Chooses and pulls; gives the layout that came. */
async function pull(
  text: string,
  {
    platform = qemu,
    environment = {},
    settings = {},
  }: {
    platform?: WantedPlatform;
    environment?: Record<string, string>;
    settings?: Partial<RegistrySettings>;
  } = {},
) {
  const { context } = testContext(environment);
  const registries = new Registries({ insecure: [], mirrors: {}, ...settings }, context);
  try {
    const reference = parseReference(text, "kraft");
    const { digest } = await chooseImage(reference, platform, registries);
    const into = join(freshDirectory(), "image");
    await pullImage({ reference, digest, into }, registries, directoryKeeper(freshDirectory()));
    return { digest, into };
  } finally {
    await registries.close();
  }
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof FetchError)) throw new Error("expected a FetchError", { cause: error });
  return `${error.code}: ${error.message}; ${error.help}`.replaceAll(/127\.0\.0\.1:\d+/g, "HOST");
}

describe("from a registry without passwords", () => {
  test("the image of an index for a platform comes as it was pushed, whoever pushed it", async () => {
    const layout = await writeTestImage(freshDirectory());
    const { host } = await startRegistry();
    skopeoCopy(`oci:${layout}:1.0`, `docker://${host}/app:1.0`, "--dest-tls-verify=false");
    const { into, digest } = await pull(`${host}/app:1.0`);
    expect(digest).toBe(rootOf(layout, 1).digest);
    expect(rootOf(into).digest).toBe(digest);
    for (const blob of readdirSync(join(into, "blobs/sha256"))) {
      const pushed = readFileSync(join(layout, "blobs/sha256", blob));
      expect(readFileSync(join(into, "blobs/sha256", blob)).equals(pushed)).toBe(true);
    }
    expect(readdirSync(join(into, "blobs/sha256"))).toHaveLength(4);
    expect(skopeo("inspect", "--raw", `oci:${into}`)).toContain("unikraft/bin/kernel");
  });

  test("features of the kernel choose, and what is missing is named", async () => {
    const layout = await writeTestImage(freshDirectory());
    const { host } = await startRegistry();
    skopeoCopy(`oci:${layout}:1.0`, `docker://${host}/app:1.0`, "--dest-tls-verify=false");
    const features = ["CONFIG_LIBVFSCORE=y"];
    const platform = { os: "kvm", architecture: "amd64", features };
    expect((await pull(`${host}/app:1.0`, { platform })).digest).toBe(rootOf(layout, 1).digest);
    const more = { ...platform, features: [...features, "CONFIG_LIBLWIP=y"] };
    expect(await failureOf(pull(`${host}/app:1.0`, { platform: more }))).toBe(
      "not-found: HOST/app:1.0 has no image for kvm/amd64 with CONFIG_LIBLWIP=y; it has fc/arm64, qemu/x86_64",
    );
    const xen = { os: "xen", architecture: "x86_64" };
    expect(await failureOf(pull(`${host}/app:1.0`, { platform: xen }))).toBe(
      "not-found: HOST/app:1.0 has no image for xen/x86_64; it has fc/arm64, qemu/x86_64",
    );
  });

  test("an image by itself is for the platform that its config names", async () => {
    const layout = await writeTestImage(freshDirectory());
    const { host } = await startRegistry();
    const name = `${host}/app:one`;
    skopeoCopy(`oci:${layout}:1.0-qemu-x86_64`, `docker://${name}`, "--dest-tls-verify=false");
    expect((await pull(name)).digest).toBe(rootOf(layout, 1).digest);
    const arm = { os: "qemu", architecture: "arm64" };
    expect(await failureOf(pull(name, { platform: arm }))).toBe(
      "not-found: HOST/app:one has no image for qemu/arm64; it has qemu/x86_64",
    );
  });

  test("what is not there is said with the words of the registry", async () => {
    const { host } = await startRegistry();
    expect(await failureOf(pull(`${host}/app:1.0`))).toBe(
      "not-found: HOST/app:1.0: the server answers 404: manifest unknown; undefined",
    );
  });
});

test("an index in an index comes whole, each manifest once", async () => {
  const layout = await writeTestImage(freshDirectory());
  const [inner] = readLayoutRoots(layout);
  if (inner === undefined) throw new Error("the layout is empty");
  const add = (manifests: readonly unknown[]) => {
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
    const digest = registryDigestOf(bytes);
    writeFileSync(blobsIn(layout)(digest), bytes);
    return { mediaType, digest, size: bytes.byteLength, annotations: {} };
  };
  const outer = add([inner, { ...inner, platform: { os: "linux", architecture: "amd64" } }]);
  const { host } = await startRegistry();
  const registries = openRegistries();
  const reference = parseReference(`${host}/app:1.0`, "kraft");
  await pushImage({ blobs: blobsIn(layout), root: outer, reference }, registries);
  const into = join(freshDirectory(), "image");
  const keeper = directoryKeeper(freshDirectory());
  const request = { reference, digest: outer.digest, into, whole: true };
  await pullImage(request, registries, keeper);
  const { manifests, blobs } = partsOf(blobsIn(into), outer);
  expect(manifests.map(({ descriptor }) => descriptor.digest).sort()).toEqual(
    [outer.digest, inner.digest, rootOf(layout, 1).digest, rootOf(layout, 2).digest].sort(),
  );
  expect(readdirSync(join(into, "blobs/sha256"))).toHaveLength(manifests.length + blobs.length);

  let deep = outer;
  for (let depth = 0; depth < 3; depth++) deep = add([deep]);
  await pushImage({ blobs: blobsIn(layout), root: deep, reference }, registries);
  const deeper = pullImage(
    { ...request, digest: deep.digest, into: `${into}-deep` },
    registries,
    keeper,
  );
  expect(await failureOf(deeper)).toBe(
    "bad-manifest: HOST/app:1.0 is an index of indexes without end; undefined",
  );
});

describe("from a registry with passwords and a certificate", () => {
  const account = { user: "kraft", password: "se:cret" };

  test("the certificate of certs.d, and the password of auth.json, open it", async () => {
    const home = freshDirectory();
    const tls = makeCertificate(home);
    const layout = await writeTestImage(freshDirectory());
    const { host } = await startRegistry({ tls, account });
    const certificates = join(home, ".config/containers/certs.d", host);
    mkdirSync(certificates, { recursive: true });
    writeFileSync(join(certificates, "ca.crt"), readFileSync(tls.ca));
    const file = join(home, "auth.json");
    const auth = Buffer.from("kraft:se:cret").toString("base64");
    writeFileSync(file, JSON.stringify({ auths: { [host]: { auth } } }));
    const name = `docker://${host}/team/app:1.0`;
    const options = ["--dest-cert-dir", certificates, "--dest-authfile", file];
    skopeoCopy(`oci:${layout}:1.0`, name, ...options);
    const trusting = { HOME: home, REGISTRY_AUTH_FILE: file };
    const { digest } = await pull(`${host}/team/app:1.0`, { environment: trusting });
    expect(digest).toBe(rootOf(layout, 1).digest);

    const stranger = { HOME: home };
    expect(await failureOf(pull(`${host}/team/app:1.0`, { environment: stranger }))).toBe(
      "refused: HOST refuses /v2/team/app/manifests/1.0 to who we are there; " +
        '"kraft-graph login HOST" says who to be',
    );
    const distrusting = { REGISTRY_AUTH_FILE: file };
    const distrust = await failureOf(pull(`${host}/team/app:1.0`, { environment: distrusting }));
    expect(distrust).toMatch(/^untrusted: HOST\/team\/app: the server cannot be trusted/);
    const settings = { insecure: [host] };
    const careless = pull(`${host}/team/app:1.0`, { environment: distrusting, settings });
    expect((await careless).digest).toBe(digest);
  });

  test("that wants one of its clients, too, gets that of certs.d", async () => {
    const home = freshDirectory();
    const tls = makeCertificate(home);
    const layout = await writeTestImage(freshDirectory());
    const { host } = await startRegistry({ tls, clientAuthority: tls.ca });
    const certificates = join(home, ".docker/certs.d", host);
    mkdirSync(certificates, { recursive: true });
    const keep = (name: string, file: string) =>
      writeFileSync(join(certificates, name), readFileSync(file));
    keep("ca.crt", tls.ca);
    const name = `${host}/team/app:1.0`;
    const environment = { HOME: home };
    // Its hanging up looks as if it spoke no TLS, so that it is asked without: it is on loopback.
    expect(await failureOf(pull(name, { environment }))).toMatch(/^server-error: .* answers 400/);
    keep("client.cert", tls.cert);
    keep("client.key", tls.key);
    skopeoCopy(`oci:${layout}:1.0`, `docker://${name}`, "--dest-cert-dir", certificates);
    expect((await pull(name, { environment })).digest).toBe(rootOf(layout, 1).digest);
  });
});

test("a mirror is asked first, and the registry itself when the mirror has nothing", async () => {
  const layout = await writeTestImage(freshDirectory());
  const { host } = await startRegistry();
  const { host: mirror } = await startRegistry();
  for (const name of [`${mirror}/cache/app:1.0`, `${host}/other:1.0`]) {
    skopeoCopy(`oci:${layout}:1.0`, `docker://${name}`, "--dest-tls-verify=false");
  }
  const settings = { mirrors: { [host]: `${mirror}/cache` } };
  const { digest } = rootOf(layout, 1);
  expect((await pull(`${host}/app:1.0`, { settings })).digest).toBe(digest);
  expect((await pull(`${host}/other:1.0`, { settings })).digest).toBe(digest);
});

describe("a pull that ends early", () => {
  const tenths = [1, 2, 3, 4, 5, 6, 7, 8, 9];

  test("because the connection broke off, at any tenth, goes on where it was", async () => {
    const layout = await writeTestImage(freshDirectory(), { kernelBytes: 1_000_000 });
    const { host } = await startRegistry();
    skopeoCopy(`oci:${layout}:1.0`, `docker://${host}/app:1.0`, "--dest-tls-verify=false");
    for (const tenth of tenths) {
      const proxy = await cuttingProxy(host, { toClient: tenth * 100_000 });
      const { into } = await pull(`${proxy.host}/app:1.0`);
      expect(proxy.cuts()).toBe(1);
      expectWhole(into);
    }
  });

  test("because it was told to, at any tenth, is completed by the next", async () => {
    const layout = await writeTestImage(freshDirectory(), { kernelBytes: 1_000_000 });
    const { host } = await startRegistry();
    skopeoCopy(`oci:${layout}:1.0`, `docker://${host}/app:1.0`, "--dest-tls-verify=false");
    const reference = parseReference(`${host}/app:1.0`, "kraft");
    const { digest } = rootOf(layout, 1);
    for (const tenth of tenths) {
      const keeper = directoryKeeper(freshDirectory());
      const { context, abort } = testContext();
      const stopping = new Registries(
        { insecure: [], mirrors: {} },
        {
          ...context,
          onProgress: (bytes, total) => {
            if (total !== undefined && bytes >= (tenth * total) / 10) abort.abort();
          },
        },
      );
      const first = join(freshDirectory(), "image");
      const stopped = pullImage({ reference, digest, into: first }, stopping, keeper);
      await expect(stopped).rejects.toThrow(FetchError);
      await stopping.close();
      const into = join(freshDirectory(), "image");
      await pullImage({ reference, digest, into }, openRegistries(), keeper);
      expectWhole(into);
    }
  });
});

/** Every blob is what its name says, and all are there that the manifest names. */
function expectWhole(layout: string): void {
  const [root] = readLayoutRoots(layout);
  if (root === undefined) throw new Error("the layout is empty");
  const { blobs } = partsOf(blobsIn(layout), root);
  for (const { digest } of [root, ...blobs]) {
    expect(registryDigestOf(readFileSync(blobsIn(layout)(digest)))).toBe(digest);
  }
}
