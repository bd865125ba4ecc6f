import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { describeExamination } from "../../src/doctor/describe.ts";
import { examined, type Finding } from "../../src/doctor/finding.ts";
import { packageManager } from "../../src/doctor/package-manager.ts";
import { nodeFinding, sandboxFinding, watchFinding } from "../../src/doctor/system-findings.ts";
import { labelOf } from "../../src/label/label.ts";
import { cliRig } from "../cli/cli-rig.ts";
import { temporaryDirectory } from "../sandbox/sandbox-rig.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\nname: w\nrules: [generic, machines]\n",
  "app/kraft.build.yaml": `targets:
  - {name: good, rule: exec, outs: [a], command: ': >$OUT', tools: [sed]}
  - {name: bad, rule: exec, outs: [b], command: ': >$OUT', tools: [no-such-program]}
  - {name: behind, rule: exec, srcs: [bad], outs: [c], command: ': >$OUT'}
`,
  "vm/MACHINES": "q qemu x86_64\nf fc x86_64\nx xen x86_64\n",
};

interface Json {
  readonly ok: boolean;
  readonly targets: readonly { readonly label: string; readonly lacks: readonly string[] }[];
  readonly findings: readonly Finding[];
  readonly install: readonly string[];
}

const asJson = ({ stdout }: { readonly stdout: string }): Json => JSON.parse(stdout) as Json;

const findingOf = ({ findings }: Pick<Json, "findings">, subject: string) =>
  findings.find((one) => one.subject === subject);

test("a program that is missing is told of with the targets that need it, however far behind", async () => {
  const { run } = cliRig(files);
  const ran = await run("doctor //app:all --output json");
  const found = asJson(ran);
  expect(ran.code).toBe(1);
  expect(found.ok).toBe(false);
  expect(found.targets).toEqual([
    { label: "//app:bad", lacks: ["no-such-program"] },
    { label: "//app:behind", lacks: ["no-such-program"] },
    { label: "//app:good", lacks: [] },
  ]);
  expect(findingOf(found, "no-such-program")).toMatchObject({
    verdict: "bad",
    affects: ["//app:bad", "//app:behind"],
  });
  expect(findingOf(found, "sed")).toMatchObject({ verdict: "good", affects: ["//app:good"] });
});

test("what no requested target needs does not count", async () => {
  const { run } = cliRig(files);
  const { code, stdout } = await run("doctor //app:good");
  expect(code).toBe(0);
  expect(stdout).toContain("\n1 target can be built here\n");
  expect(stdout).not.toContain("no-such-program");
});

test("without targets all of the workspace are meant, also from below its root", async () => {
  const { run } = cliRig(files);
  const { code, stdout } = await run("doctor", { directory: "vm" });
  expect(code).toBe(1);
  expect(stdout).toContain("MISSING  no-such-program  it is not in ");
  expect(stdout).toContain("4 of 6 targets can be built here, not //app:bad //app:behind\n");
});

test("what cannot boot an image keeps it from being run, and not from being built", async () => {
  const { run } = cliRig(files);
  const { code, stdout } = await run("doctor //vm:all --output json");
  const found = asJson({ stdout });
  expect({ code, ok: found.ok }).toEqual({ code: 0, ok: true });
  // The rig has no PATH.
  expect(findingOf(found, "qemu-system-x86_64")).toMatchObject({
    verdict: "limited",
    program: "qemu-system-x86_64",
    affects: ["//vm:q"],
  });
  expect(findingOf(found, "firecracker")?.help).toContain("Firecracker release");
  expect(findingOf(found, "xen/x86_64")?.detail).toBe(
    "images for xen/x86_64 are built, but cannot be run",
  );
});

test("a compiler without the C library's headers is found out", async () => {
  const { run, root } = cliRig({
    ...files,
    "c/kraft.build.yaml":
      "targets:\n  - {name: c, rule: exec, outs: [a], command: ':', tools: [gcc]}\n",
  });
  const bin = join(root, "bin");
  mkdirSync(bin);
  writeFileSync(
    join(bin, "gcc"),
    '#!/bin/sh\n[ "$1" = --version ] && echo gcc 1.2 && exit\nexit 1\n',
  );
  chmodSync(join(bin, "gcc"), 0o755);
  symlinkSync("/bin/sh", join(bin, "sh"));
  narrowTo(bin, root);
  const { code, stdout } = await run("doctor //c:c --output json --config narrow");
  const found = asJson({ stdout });
  expect(code).toBe(0);
  expect(findingOf(found, "gcc")).toMatchObject({ verdict: "good", detail: "gcc 1.2" });
  expect(findingOf(found, "C library")).toMatchObject({ verdict: "limited", affects: ["//c:c"] });
});

/** Has actions see `bin` only. */
function narrowTo(bin: string, root: string): void {
  const text = `${files["kraft.workspace.yaml"]}configs: {narrow: {build: {path: "${bin}"}}}\n`;
  writeFileSync(join(root, "kraft.workspace.yaml"), text);
}

test("a cache that cannot be written to keeps every target from being built", async () => {
  const text = `${files["kraft.workspace.yaml"]}cache: {dir: app/kraft.build.yaml/cache}\n`;
  const { run } = cliRig({ ...files, "kraft.workspace.yaml": text });
  const ran = await run("doctor //app:good --output json");
  expect(ran.code).toBe(1);
  expect(findingOf(asJson(ran), "cache")).toMatchObject({ verdict: "bad" });
  expect(asJson(ran).targets).toEqual([{ label: "//app:good", lacks: ["cache"] }]);
});

test("only when asked, other machines are: what answers, and what does not", async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/index.yaml" ? 200 : 404).end("manifests: []\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  const settings = [
    files["kraft.workspace.yaml"],
    `sources: {manifests: ["${address}/index.yaml", "${address}/gone.yaml"], registries: []}\n`,
    "remote: {cache: http://127.0.0.1:1/, timeout: 2s}\n",
  ].join("");
  const { run } = cliRig({ ...files, "kraft.workspace.yaml": settings });
  expect((await run("doctor //app:good")).stdout).not.toContain("127.0.0.1");
  const ran = await run("doctor //app:good --network --output json");
  const found = asJson(ran);
  expect(ran.code).toBe(0);
  expect(findingOf(found, `${address}/index.yaml`)?.verdict).toBe("good");
  expect(findingOf(found, `${address}/gone.yaml`)).toMatchObject({
    verdict: "limited",
    detail: "answers with status 404",
  });
  const remote = found.findings.find(({ subject }) => subject.startsWith("remote cache "));
  expect(remote).toMatchObject({ verdict: "limited" });
  expect(remote?.detail).toMatch(/: builds go on without it$/);
});

test("outside of a workspace, it is what most images need; a named target needs one", async () => {
  const { run } = cliRig();
  const { stdout, stderr } = await run("doctor");
  expect(stderr).toBe("note: there is no workspace here; this is what most images need\n");
  expect(stdout).toMatch(/^(?:ok {5}|MISSING) {2}gcc /m);
  const named = await run("doctor //app");
  expect(named.code).toBe(2);
  expect(named.stderr).toContain("error[no-workspace]");
});

test("mistakes in build files are shown, and what can be read is examined", async () => {
  const { run } = cliRig({ ...files, "broken/kraft.build.yaml": "targets: 7\n" });
  const { code, stdout, stderr } = await run("doctor //...");
  expect(code).toBe(2);
  expect(stderr).toContain("broken/kraft.build.yaml:1:");
  expect(stdout).toContain("MISSING  no-such-program");
});

test("a sandbox that was asked for and does not work is missing; by default it is limited", async () => {
  const path = temporaryDirectory();
  const places = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"];
  const isInstalled = places.some((file) => existsSync(file));
  const [asked, usual] = await Promise.all(
    (["bwrap", "auto"] as const).map((kind) => sandboxFinding(kind, path, [])),
  );
  expect((await sandboxFinding("links", path, [])).detail).toBe("links: it was asked for");
  expect([asked?.verdict, usual?.verdict]).toEqual(
    isInstalled && asked?.verdict === "good" ? ["good", "good"] : ["bad", "limited"],
  );
  expect(asked?.verdict === "good" || asked?.help !== undefined || asked?.program === "bwrap").toBe(
    true,
  );
});

test("the command that installs what is missing is that of the distribution", () => {
  const affects = [labelOf({ packagePath: "a", name: "b" })];
  const missing = (program: string, verdict: "bad" | "limited"): Finding => {
    return { subject: program, verdict, detail: "gone", affects, program };
  };
  const findings = [
    missing("aarch64-linux-gnu-gcc", "bad"),
    missing("g++", "bad"),
    missing("qemu-system-x86_64", "limited"),
    missing("libc headers", "limited"),
    missing("frobnicate", "bad"),
  ];
  const last = (osRelease: string) =>
    describeExamination(examined([], findings), packageManager(osRelease)).slice(-2);
  expect(last("ID=debian\n")).toEqual([
    "to build: sudo apt-get install g++ gcc-aarch64-linux-gnu",
    "for the rest: sudo apt-get install libc6-dev qemu-system-x86",
  ]);
  expect(last('ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toEqual(last("ID=ubuntu\n"));
  expect(last('NAME="Fedora Linux"\nID=fedora\n')).toEqual([
    "to build: sudo dnf install gcc-aarch64-linux-gnu gcc-c++",
    "for the rest: sudo dnf install glibc-devel qemu-system-x86",
  ]);
  expect(last("ID=alpine\n")).toEqual([
    "to build: sudo apk add g++",
    "for the rest: sudo apk add musl-dev qemu-system-x86_64",
  ]);
  expect(packageManager("ID=unheard-of\n")).toBeUndefined();
});

test("Node is compared as a version, not as a number", () => {
  const verdict = (version: string) => nodeFinding(version, []).verdict;
  expect(["20.19.0", "20.20.2", "22.0.0", "100.1.0"].map(verdict)).toEqual(Array(4).fill("good"));
  expect(["18.20.0", "20.9.0", "20.18.1"].map(verdict)).toEqual(Array(3).fill("bad"));
});

test("more directories than can be watched come with the limit to set", () => {
  const finding = watchFinding(2 ** 40);
  // Where the system has no such limit, there is nothing to find.
  expect(finding === undefined || finding.verdict === "limited").toBe(true);
  expect(finding?.help ?? "sudo sysctl fs.inotify.max_user_watches=").toMatch(
    /^sudo sysctl fs\.inotify\.max_user_watches=/,
  );
});
