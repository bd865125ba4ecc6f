// What the tools of each format make of root file systems, and what a Kraftfile from elsewhere means.

import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { lacks } from "../format/format-rig.ts";
import { diskLines } from "../format/tree-rig.ts";
import { examplesRig } from "./examples-rig.ts";
import { rig } from "./rig.ts";

const host = process.arch === "arm64" ? "arm64" : "x86_64";

/**
 * How the tools of each format unpack the file `$1` to the directory `$2`. Others are mounted, in
 * test/format/images.test.ts.
 */
const unpackers: Readonly<Record<string, { readonly tool: string; readonly line: string }>> = {
  cpio: { tool: "cpio", line: 'cd "$2"; cpio -idm --quiet --no-absolute-filenames < "$1"' },
  tar: { tool: "bsdtar", line: 'bsdtar -xpf "$1" -C "$2"' },
  squashfs: { tool: "unsquashfs", line: 'unsquashfs -f -q -n -d "$2" "$1"' },
};

/** A directory that is gone after the test, whatever bytes its names are of. */
function directoryOfBytes(): string {
  const directory = mkdtempSync(join(tmpdir(), "kraft-forms-"));
  onTestFinished(() => void execFileSync("rm", ["-rf", directory]));
  return directory;
}

/** A directory with what gets lost where someone does not look. */
function writeFiles(directory: string): void {
  const at = (name: string): Buffer => Buffer.from(join(directory, name), "latin1");
  mkdirSync(join(directory, "bin"), { recursive: true });
  writeFileSync(at("bin/su"), "root's");
  chmodSync(at("bin/su"), 0o4755);
  linkSync(at("bin/su"), at("bin/sudo"));
  writeFileSync(at("caf\xe9"), "not UTF-8");
  writeFileSync(at("empty"), "");
  symlinkSync("bin/su", at("link"));
  mkdirSync(join(directory, "tmp"));
  chmodSync(join(directory, "tmp"), 0o1777);
}

const present = Object.entries(unpackers).filter(([, { tool }]) => !lacks(tool));
const missing = Object.keys(unpackers).filter((name) => !present.some(([one]) => one === name));

test.skipIf(missing.length > 0 || process.getuid?.() !== 0 || lacks("sqfstar"))(
  `links, special modes and odd names come out of every archive ${missing.join(" ")}`,
  async () => {
    const here = rig({ "kraft.workspace.yaml": "version: 1\n" });
    const base = directoryOfBytes();
    writeFiles(base);
    execFileSync("tar", ["-cf", here.path("base.tar"), "-C", base, "."]);
    for (const [format] of present) {
      const rootfs = `rootfs: {source: ../base.tar, format: ${format}}`;
      here.write({ [`to-${format}/Kraftfile`]: `spec: v0.6\nname: x\n${rootfs}\n` });
    }
    const built = await here.run(["build", "//..."]);
    expect(built.code, built.text).toBe(0);
    const expected = diskLines(base, { owners: true });
    expect(expected).toContain("bin/sudo = bin/su");
    for (const [format, { line }] of present) {
      const file = `.kraft/out/to-${format}/rootfs-${host}/initramfs-${host}.${format}`;
      const into = directoryOfBytes();
      execFileSync("sh", ["-ec", line, "sh", here.path(file), into], { stdio: "pipe" });
      // Unikraft knows no hard links, so each name has all of the file.
      const own = (one: string): string =>
        one === "bin/sudo = bin/su"
          ? (expected.find((other) => other.startsWith("bin/su ")) ?? "").replace("su", "sudo")
          : one;
      const lines = format === "cpio" ? expected.map(own) : expected;
      expect([format, ...diskLines(into, { owners: true })]).toEqual([format, ...lines]);
    }
  },
);

test("paths of a Kraftfile from elsewhere begin at the working directory, as with KraftKit", async () => {
  const files = {
    "kraft.workspace.yaml": "version: 1\n",
    "shared/plain.yaml": "spec: v0.6\nname: x\nruntime: kernel://kernel\nrootfs: ./fs\n",
    "shared/docker.yaml": "spec: v0.6\nname: x\nruntime: kernel://kernel\nrootfs: ./Dockerfile\n",
    "shared/kernel": "no kernel",
    "shared/fs/not-this": "",
    "here/kernel": "kernel",
    "here/fs/own": "own",
    "here/Dockerfile": "FROM scratch\nCOPY fs/own /from-dockerfile\n",
  };
  const here = rig(files);
  const listed = async (file: string): Promise<string[]> => {
    const words = ["rootfs", "ls", "-K", file, `:rootfs-${host}`];
    const ran = await here.run(words, { directory: "here" });
    expect(ran.code, ran.text).toBe(0);
    return ran.stdout.trimEnd().split("\n");
  };
  expect(await listed("../shared/plain.yaml")).toEqual(["-rw-r--r-- 0:0                3 own"]);
  const [line] = await listed(here.path("shared/docker.yaml"));
  expect(line).toBe("-rw-r--r-- 0:0                3 from-dockerfile");
});

test("mistakes in a Kraftfile from elsewhere are told, though another package has it", async () => {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "shared/Kraftfile": "spec: v0.6\nname: x\nruntime: kernel://kernel\nrootfs: ./fs\n",
    "shared/kernel": "kernel",
    "shared/fs/file": "",
    "here/kernel": "kernel",
  });
  const ran = await here.run(["build", "-K", "../shared/Kraftfile"], { directory: "here" });
  expect(ran.code, ran.text).toBe(2);
  expect(ran.text).toContain("error[missing-file]: there is no root file system at ./fs");
  expect(ran.text).toContain("--> shared/Kraftfile:4:9");
});

test("a Kraftfile comes from the standard input, and is another one each time", async () => {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/Kraftfile": "spec: v0.6\nname: own\nruntime: kernel://kernel\nrootfs: ./fs\n",
    "app/kernel": "kernel",
    "app/fs/own": "own",
    "app/given/other": "other",
    "app/third/third": "third",
  });
  const listed = async (kraftfile: string) => {
    here.write({ given: kraftfile });
    const wrapper = ["sh", "-c", '"$@" < ../given', "sh"];
    const words = ["rootfs", "ls", "-K", "-", `:rootfs-${host}`];
    return here.run(words, { directory: "app", wrapper });
  };
  const text = (rootfs: string) =>
    `spec: v0.6\nname: x\nruntime: kernel://kernel\nrootfs: ${rootfs}\n`;
  for (const [rootfs, name] of [
    ["./given", "other"],
    ["./given", "other"],
    ["./third", "third"],
  ] as const) {
    const ran = await listed(text(rootfs));
    expect(ran, ran.text).toMatchObject({ code: 0 });
    expect(ran.stdout.trimEnd()).toMatch(new RegExp(` ${name}$`));
  }
  const wrong = await listed(text("./nowhere"));
  expect(wrong.code).toBe(2);
  expect(wrong.text).toContain("--> app/-:4:9");
});

test.skipIf(lacks("qemu-system-x86_64"))(
  "a kernel that is booted reads what a Dockerfile made, as the image says that it starts",
  async () => {
    const here = examplesRig();
    const kraftfile = here.read("cat/Kraftfile");
    here.write({
      "cat/Kraftfile": kraftfile.replace("./rootfs", "./Dockerfile").replace(/^cmd:.*$/m, ""),
      "cat/Dockerfile": `FROM scratch AS text
COPY <<EOF /made.txt
made by a Dockerfile
EOF
FROM scratch
COPY rootfs/ /
COPY --from=text /made.txt /poems/deep/er/
CMD ["/poems/deep/er/made.txt"]
`,
    });
    const words = ["run", "--expect", "made by a Dockerfile", "--timeout", "120"];
    const ran = await here.run([...words, "//cat:qemu-x86_64"]);
    expect(ran.stdout, ran.text).toContain("made by a Dockerfile");
    expect(ran.code).toBe(0);
  },
);
