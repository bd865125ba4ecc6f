// `run --runtime urunc`: what nerdctl is told, and, where they are installed, nerdctl, containerd and urunc
// themselves, in namespaces of their own.

import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { findProgram } from "../../src/sandbox/program-file.ts";
import { temporaryDirectory } from "./rig.ts";
import { realSolo5, solo5Rig, solo5Test } from "./solo5-rig.ts";

const sources = {
  "kraft.build.yaml": `version: 1
targets:
  - {name: app, rule: solo5, srcs: [main.c], abis: [spt], args: [by, default]}
`,
  "main.c": `#include "solo5.h"
int solo5_app_main(const struct solo5_start_info *info) {
  size_t size = 0;
  while (info->cmdline[size]) size++;
  solo5_console_write("it says ", 8);
  solo5_console_write(info->cmdline, size);
  solo5_console_write("\\n", 1);
  return info->cmdline[0] == '7' ? 7 : SOLO5_EXIT_SUCCESS;
}
`,
};

/** A package at `path` whose application has the devices `devices`. */
function application(path: string, devices: readonly object[]): Record<string, string> {
  const manifest = JSON.stringify({ type: "solo5.manifest", version: 1, devices });
  const files = Object.entries(sources).map(([name, text]) => [`${path}/${name}`, text]);
  return { ...Object.fromEntries(files), [`${path}/manifest.json`]: manifest };
}

solo5Test("a kernel that declares no network is given none, and no port leads to it", async () => {
  const { path, prefix, run } = solo5Rig({
    ...application("alone", []),
    ...application("online", [{ name: "service", type: "NET_BASIC" }]),
    "image/bunnyfile":
      'version: v0.1\nplatforms: {framework: mirage, monitor: spt}\nkernel: {from: "//alone:app.spt"}\n',
  });
  const place = temporaryDirectory();
  const record = path("calls");
  for (const name of ["nerdctl", "urunc", "containerd-shim-urunc-v2"]) {
    writeFileSync(join(place, name), `#!/bin/sh\necho "$*" >> ${record}\n`, { mode: 0o755 });
  }
  const env = { PATH: `${place}:${prefix}/bin:/usr/bin:/bin` };
  for (const label of ["//alone:app.spt", "//online:app.spt", "//image"]) {
    const { code, stderr } = await run(["run", "--runtime", "urunc", label], env);
    expect([code, stderr]).toEqual([0, expect.stringContaining("done")]);
  }
  const started = readFileSync(record, "utf8")
    .split("\n")
    .filter((one) => one.startsWith("run"));
  expect(started.map((one) => one.includes(" --network=none "))).toEqual([true, false, true]);
  const published = ["run", "--runtime", "urunc", "-p", "8080:80", "//online:app.spt"];
  expect((await run(published, env)).code).toBe(0);
  expect(readFileSync(record, "utf8")).toContain(" --publish=8080:80/tcp docker.io/");
  const port = await run(["run", "--runtime", "urunc", "-p", "80:80", "//alone:app.spt"], env);
  expect([port.code, port.stderr]).toEqual([
    2,
    expect.stringContaining("error: no port can lead to a kernel that declares no network\n"),
  ]);
});

const programs = ["nerdctl", "urunc", "containerd-shim-urunc-v2", "containerd", "unshare"];

/** Begins containerd and runs the rest of its arguments: nothing of it is seen outside. */
const inContainerd = `place=$1; shift
mount -t tmpfs none /run
# urunc hides what the machine has at /tmp from its monitors.
mount -t tmpfs none /mnt
cp "$place/solo5-spt" /mnt/
export PATH="/mnt:$PATH" NERDCTL_TOML="$place/nerdctl.toml"
containerd --config "$place/containerd.toml" > "$place/log" 2>&1 &
until nerdctl info > "$place/info" 2>&1; do sleep 0.1; done
"$@"`;

test("an image is started by nerdctl, containerd and urunc themselves, and its exit code is given", async ({
  skip,
}) => {
  const searchPath = process.env["PATH"] ?? "";
  const missing = programs.find((name) => findProgram(name, searchPath, "/") === undefined);
  if (missing !== undefined) return skip(`${missing} is not installed`);
  if (realSolo5 === undefined) return skip("Solo5 is not installed");
  if (process.getuid?.() !== 0) return skip("only root can run containerd");
  const { runAs } = solo5Rig(application("app", []));
  const place = temporaryDirectory();
  copyFileSync(join(realSolo5, "solo5-spt"), join(place, "solo5-spt"));
  const words = { root: join(place, "root"), state: join(place, "state") };
  writeFileSync(join(place, "containerd.toml"), containerdConfig(words));
  writeFileSync(
    join(place, "nerdctl.toml"),
    `data_root = "${place}/nerdctl"\ncni_netconfpath = "${place}/networks"\n`,
  );
  const own = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const wrapper = ["unshare", ...own, "sh", "-c", inContainerd, "sh", place];
  const command = ["run", "--timeout", "30", "--runtime", "urunc", "//app:app.spt"];
  const ran = await runAs([...command, "--", "7", "and", "more"], {
    wrapper,
    env: { PATH: searchPath },
  });
  // Its `start` may be heard by nobody: it closes the socket that it listened on, and opens another.
  if (ran.stderr.includes("did not end within 30 s\nit printed nothing")) {
    return skip("urunc lost the message that starts the guest");
  }
  expect(ran.stdout).toContain("it says 7 and more\n");
  expect(ran.code).toBe(7);
});

function containerdConfig({
  root,
  state,
}: {
  readonly root: string;
  readonly state: string;
}): string {
  return `version = 2
root = "${root}"
state = "${state}"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
`;
}
