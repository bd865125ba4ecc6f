import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { examplesRig } from "./examples-rig.ts";
import { temporaryDirectory } from "./rig.ts";
import { canUnshare, withoutNetwork } from "./sources-rig.ts";

/** An upstream project of one function, as the archive that it publishes. */
function archive(): Buffer {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "upper-1.0/include"), { recursive: true });
  writeFileSync(join(directory, "upper-1.0/include/upper.h"), "const char *upper(void);\n");
  const source = '#include <upper.h>\n\nconst char *upper(void)\n{\n\treturn "as published";\n}\n';
  writeFileSync(join(directory, "upper-1.0/upper.c"), source);
  writeFileSync(join(directory, "upper-1.0/configure"), "echo '#define UPPER 1' > \"$1\"\n");
  execFileSync("tar", ["-czf", "upper-1.0.tar.gz", "upper-1.0"], { cwd: directory });
  return readFileSync(join(directory, "upper-1.0.tar.gz"));
}

function patchTo(text: string): string {
  return `--- a/upper.c\n+++ b/upper.c\n@@ -2,5 +2,5 @@\n \n const char *upper(void)\n {\n-\treturn "as published";\n+\treturn "${text}";\n }\n`;
}

/** A server of `file`, and how often it was asked. */
async function serve(file: Buffer) {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  onTestFinished(async () => {
    if (server.listening) await close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/upper-1.0.tar.gz`, requests: () => requests, close };
}

/** What the core's `fetch` and `patch` come to, with a link to a header as musl has it. */
function makefile({ url, sha256, settings }: Library): string {
  return `
$(eval $(call addlib_s,libupper,$(CONFIG_LIBUPPER)))
ifeq ($(CONFIG_LIBUPPER),y)
LIBUPPER_ARCHIVE := $(LIBUPPER_BUILD)/upper-1.0.tar.gz
LIBUPPER_ORIGIN := $(LIBUPPER_BUILD)/origin
LIBUPPER_HEADER := $(LIBUPPER_BUILD)/include/upper.h
$(shell mkdir -p $(LIBUPPER_ORIGIN))

$(LIBUPPER_ARCHIVE):
	$(call verbose_cmd,WGET,libupper':' ${url}, wget -q --show-progress --progress=bar -O $(LIBUPPER_ARCHIVE) ${url} || rm -f $(LIBUPPER_ARCHIVE))
${sha256 === undefined ? "" : checksumRule(sha256)}$(LIBUPPER_BUILD)/.origin: $(LIBUPPER_ARCHIVE)${sha256 === undefined ? "" : " $(LIBUPPER_BUILD)/.chksum"}
	$(call verbose_cmd,UNTAR,libupper':' upper-1.0.tar.gz, tar -xzf $(LIBUPPER_ARCHIVE) -C $(LIBUPPER_ORIGIN) && touch $@)
$(LIBUPPER_BUILD)/.patched: $(LIBUPPER_BUILD)/.origin
	$(call verbose_cmd,PATCH,libupper':' 1.patch, patch -sd $(LIBUPPER_ORIGIN)/upper-1.0/ -p1 < $(LIBUPPER_BASE)/patches/1.patch && touch $@)
$(LIBUPPER_HEADER):
	@mkdir -p $(dir $@)
	$(call verbose_cmd,HOSTLN,libupper: upper.h, ln -sf $(LIBUPPER_ORIGIN)/upper-1.0/include/upper.h $@)
$(LIBUPPER_ORIGIN)/%: $(LIBUPPER_BUILD)/.origin
	@:
UK_FETCH-y += $(LIBUPPER_BUILD)/.patched
UK_PREPARE-y += $(LIBUPPER_HEADER)
${settings === undefined ? "" : settingsRule(settings)}CINCLUDES-y += -I$(LIBUPPER_BUILD)/include
LIBUPPER_SRCS-y += $(LIBUPPER_ORIGIN)/upper-1.0/upper.c
endif
`;
}

function checksumRule(sha256: string): string {
  return `$(LIBUPPER_BUILD)/.chksum: $(LIBUPPER_ARCHIVE)
	$(call verbose_cmd,SHA256,libupper':' upper-1.0.tar.gz, if ! [[ "\`sha256sum -b - < "$(LIBUPPER_ARCHIVE)"\`" =~ ^${sha256}[[:space:]] ]]; then echo "validation failed" 1>&2; exit 1; fi )
	@touch $@
$(LIBUPPER_BUILD)/.chksum: SHELL := /bin/bash
`;
}

/** A header that `command` leaves, in a way that nobody but make can follow. */
function settingsRule(command: string): string {
  return `$(LIBUPPER_BUILD)/settings.h: $(LIBUPPER_BUILD)/.patched
	$(call verbose_cmd,CONF,libupper':' settings.h, ${command})
UK_PREPARE-y += $(LIBUPPER_BUILD)/settings.h
`;
}

function appFiles(name: string): Record<string, string> {
  return {
    [`${name}/Kraftfile`]: `spec: v0.6
name: ${name}
unikraft: {source: ../core}
libraries:
  upper: {source: ../libs/lib-upper, kconfig: {CONFIG_LIBUPPER: 'y'}}
targets: [qemu/x86_64]
`,
    [`${name}/Makefile.uk`]: `$(eval $(call addlib,app${name}))\nAPP${name.toUpperCase()}_SRCS-y += $(APP${name.toUpperCase()}_BASE)/main.c\n`,
    [`${name}/main.c`]: `#include <upper.h>\n\nint main(void)\n{\n\treturn upper()[0] == '${name}';\n}\n`,
  };
}

interface Library {
  readonly url: string;
  /** Absent: the library does not say what its archive is. */
  readonly sha256?: string;
  /** What makes a header of settings; absent: there is none. */
  readonly settings?: string;
}

function upstreamRig(library: Library) {
  const rig = examplesRig();
  rig.write({
    "kraft.workspace.yaml": 'version: 1\nname: upstream\npackages: ["one", "two"]\n',
    "libs/lib-upper/Config.uk": 'config LIBUPPER\n\tbool "upper"\n\tdefault n\n',
    "libs/lib-upper/Makefile.uk": makefile(library),
    "libs/lib-upper/patches/1.patch": patchTo("as patched"),
    ...appFiles("one"),
    ...appFiles("two"),
  });
  const kernelOf = (name: string) =>
    rig.read(`.kraft/out/${name}/qemu-x86_64.kernel/${name}_qemu-x86_64`);
  return { ...rig, kernelOf };
}

function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

test("upstream sources are fetched once for all apps, and unpacked again for a new patch", async () => {
  const file = archive();
  const { url, requests, close } = await serve(file);
  const { build, write, kernelOf } = upstreamRig({ url, sha256: sha256Of(file) });
  const first = await build("//one:qemu-x86_64");
  expect(first.code, first.text).toBe(0);
  expect(first.text).not.toContain("one call of make");
  expect(kernelOf("one")).toContain("as patched");
  expect(requests()).toBe(1);
  // From here on, whoever asked the server again would fail.
  await close();
  const second = await build("//two:qemu-x86_64");
  expect(second.code, second.text).toBe(0);
  expect(second.executed.filter((subject) => /libupper|upper-1.0/.test(subject))).toEqual([]);
  write({ "libs/lib-upper/patches/1.patch": patchTo("as patched anew") });
  const third = await build("//one:qemu-x86_64");
  expect(third.code, third.text).toBe(0);
  expect(third.executed).toContain("build/libupper");
  expect(kernelOf("one")).toContain("as patched anew");
});

test("an archive with another checksum is refused, and both checksums are told", async () => {
  const file = archive();
  const { url } = await serve(file);
  const { build } = upstreamRig({ url, sha256: "0".repeat(64) });
  const { code, text } = await build("//one:qemu-x86_64");
  expect(code).toBe(1);
  expect(text).toContain(
    `${url} is not what it should be: expected sha256:${"0".repeat(64)}, found sha256:${sha256Of(file)}`,
  );
});

test("a server that is down is named, with what went wrong", async () => {
  const file = archive();
  const { url, close } = await serve(file);
  await close();
  const { build } = upstreamRig({ url, sha256: sha256Of(file) });
  const { code, text } = await build("//one:qemu-x86_64");
  expect(code).toBe(1);
  expect(text).toContain("error[not-fetched]");
  expect(text).toContain(`${url}: nobody listens there (ECONNREFUSED)`);
});

/** A library whose own script says how it is to be built. */
const configured = "cd $(LIBUPPER_ORIGIN)/upper-1.0 && sh ./configure $(LIBUPPER_BUILD)/settings.h";

test.skipIf(!canUnshare())(
  "what one call of make needs is fetched before it, so that make needs no network",
  async () => {
    const file = archive();
    const { url, requests } = await serve(file);
    const { run, build, write, kernelOf } = upstreamRig({
      url,
      sha256: sha256Of(file),
      settings: configured,
    });
    const first = await build("//one:qemu-x86_64");
    expect(first.code, first.text).toBe(0);
    expect(first.text).toContain(
      "is built by one call of make, as /kraft/build/libupper/settings.h",
    );
    expect(first.executed).toContain(url);
    expect(kernelOf("one")).toContain("as patched");
    expect(requests()).toBe(1);
    // Where there is no interface at all, make runs anew, and the archive is where it looks for it.
    write({ "libs/lib-upper/patches/1.patch": patchTo("as patched anew") });
    const words = ["build", "//one:qemu-x86_64", "--offline", "--sandbox", "links"];
    const again = await run(words, { wrapper: ["unshare", ...withoutNetwork] });
    expect(again.code, again.text).toBe(0);
    expect(again.executed).toContain("//one:qemu-x86_64.kernel");
    expect(kernelOf("one")).toContain("as patched anew");
  },
);

test("what a library fetches in a way of its own is not run, and it is said why", async () => {
  const file = archive();
  const { url, requests } = await serve(file);
  const settings = `curl -sSf -o $(LIBUPPER_BUILD)/settings.h ${url}`;
  const { build } = upstreamRig({ url, sha256: sha256Of(file), settings });
  const { code, text } = await build("//one:qemu-x86_64", "--sandbox", "links");
  expect(code).toBe(1);
  expect(text).toContain(
    "curl: only actions of the kind fetch may use the network, so this is not run: -sSf -o ",
  );
  // The archive alone.
  expect(requests()).toBe(1);
});

const offline = ["--locked", "--offline", "--sandbox", "links"];

test.skipIf(!canUnshare())(
  "archives of libraries are named when they are not locked, pulled, and then enough without network",
  async () => {
    const { url, requests, close } = await serve(archive());
    const { run, build, cache, read, path, kernelOf } = upstreamRig({ url });
    const locked = await build("//one:qemu-x86_64", "--locked");
    expect(locked.code).toBe(1);
    expect(locked.text).toContain(
      `error[not-locked]: ${url} is not in kraft.lock.yaml\n = help: "kraft-graph lock" adds it\n`,
    );
    expect(locked.executed).not.toContain("build/libupper");
    expect((await build("//one:qemu-x86_64", "--offline")).text).toContain("error[not-locked]");
    expect(requests()).toBe(0);
    rmSync(path(".kraft"), { recursive: true });
    const pulled = await run(["pkg", "pull", "//one:all"]);
    expect(pulled.code, pulled.text).toBe(0);
    expect(pulled.text).toContain("in the cache: 1 source\n");
    expect(read("kraft.lock.yaml")).toContain(`file: ${url}\n`);
    expect(requests()).toBe(1);
    await close();
    const words = ["build", "//one:qemu-x86_64", ...offline];
    const built = await run(words, { wrapper: ["unshare", ...withoutNetwork] });
    expect(built.code, built.text).toBe(0);
    expect(kernelOf("one")).toContain("as patched");
    for (const gone of [cache, path(".kraft")]) rmSync(gone, { recursive: true });
    const lacking = await build("//one:qemu-x86_64", "--offline");
    expect(lacking.code).toBe(1);
    expect(lacking.text).toContain(
      `error[not-cached]: ${url} is not in the cache, and the build is offline\n = help: build once without --offline\n`,
    );
  },
);

test.skipIf(!canUnshare())(
  "what libraries download is vendored before anything is built, and builds from an empty cache",
  async () => {
    const { url, requests, close } = await serve(archive());
    const { run, write, cache, path, kernelOf } = upstreamRig({ url });
    const vendored = await run(["vendor"]);
    expect(vendored.code, vendored.text).toBe(0);
    // Once, whatever the number of those who want it.
    expect(vendored.stdout).toBe(`${url}\n`);
    expect(requests()).toBe(1);
    await close();
    write({
      "kraft.workspace.yaml": 'version: 1\npackages: ["one", "two"]\nsources: {vendor: vendor}\n',
    });
    for (const gone of [cache, path(".kraft")]) rmSync(gone, { recursive: true });
    const words = ["build", "//one:qemu-x86_64", ...offline];
    const built = await run(words, { wrapper: ["unshare", ...withoutNetwork] });
    expect(built.code, built.text).toBe(0);
    expect(kernelOf("one")).toContain("as patched");
  },
);

test("lock pins what makefiles download, and what they download no more is removed", async () => {
  const { url, requests } = await serve(archive());
  const { run, build, read, write, path } = upstreamRig({ url });
  const locked = await run(["lock"]);
  expect(locked.code, locked.text).toBe(0);
  expect(locked.stdout).toMatch(/^added {4}http:\S+ [0-9a-f]{12}\n$/);
  expect(read("kraft.lock.yaml")).toContain(`file: ${url}\n`);
  expect(requests()).toBe(1);
  // Nothing was laid down that nobody asked for.
  expect(existsSync(path(".kraft/out/one"))).toBe(false);
  const built = await build("//one:qemu-x86_64", "--locked");
  expect(built.code, built.text).toBe(0);
  expect(requests()).toBe(1);
  // From now on makefiles name another address, of which records of the build do not tell.
  write({ "libs/lib-upper/Makefile.uk": makefile({ url: `${url}?again` }) });
  const again = await run(["lock"]);
  expect(again.stdout).toMatch(
    /^removed {2}http:\S+\.gz, which nothing uses\nadded {4}http:\S+\?again [0-9a-f]{12}\n$/,
  );
  expect((await run(["lock", "--locked"])).code).toBe(0);
});

test("lock says what it could not plan, and locks the rest", async () => {
  const { run, write } = upstreamRig({ url: "http://127.0.0.1:9/none.tar.gz" });
  write({ "libs/lib-upper/Config.uk": 'source "/nowhere/Config.uk"\n' });
  const { code, stderr } = await run(["lock"]);
  expect(code).toBe(0);
  expect(stderr).not.toContain("/nowhere/Config.uk");
  expect(stderr).toContain(
    'note: what else //one:qemu-x86_64.kernel and 1 more download is not known, as that could not be planned here: "kraft-graph pkg pull" says why, and a build pins it\n',
  );
  expect(await run(["lock", "--no-plan"])).toMatchObject({
    code: 0,
    stderr:
      'note: what else //one:qemu-x86_64.kernel and 1 more download is pinned by "kraft-graph lock" where it may plan, or by a build\n',
  });
});

test("targets whose steps cannot be listed are told by pkg pull and vendor", async () => {
  const { run, write } = upstreamRig({ url: "http://127.0.0.1:9/none.tar.gz" });
  write({ "libs/lib-upper/Config.uk": 'source "/nowhere/Config.uk"\n' });
  for (const command of [["pkg", "pull"], ["vendor"]]) {
    const { code, text } = await run(command);
    expect(code).toBe(1);
    expect(text).toContain("/nowhere/Config.uk");
    expect(text).toContain(
      "error: what else //one:qemu-x86_64.kernel, //two:qemu-x86_64.kernel download is not known, as their steps could not be listed; once that works here, do this again\n",
    );
  }
});
