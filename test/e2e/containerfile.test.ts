// Containerfiles with bunny's syntax line, as skopeo and umoci read what is made of them.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { skopeoCopy, startRegistry } from "../registry/registry-rig.ts";
import { digestsBelow, rig, temporaryDirectory } from "./rig.ts";

const workspace = { "kraft.workspace.yaml": "version: 1\n" };
const syntax = "#syntax=example.org/nubificus/bunny:latest\n";

interface Read {
  readonly annotations: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly root: string;
  readonly paths: readonly string[];
}

/** What the tools read of the image in `layout`. */
function read(layout: string): Read {
  const inspect = (what: string): Readonly<Record<string, unknown>> =>
    JSON.parse(
      execFileSync("skopeo", ["inspect", what, `oci:${layout}:latest`], { encoding: "utf8" }),
    ) as Record<string, unknown>;
  const bundle = join(temporaryDirectory(), "bundle");
  execFileSync("umoci", ["unpack", "--rootless", "--image", `${layout}:latest`, bundle]);
  const root = join(bundle, "rootfs");
  return {
    annotations: inspect("--raw")["annotations"] as Record<string, string>,
    config: inspect("--config")["config"] as Record<string, unknown>,
    root,
    paths: Object.keys(digestsBelow(root)),
  };
}

const prefix = "com.urunc.unikernel.";

test("labels become annotations, and useDMBlock is told in the words of today's urunc", async () => {
  const { build, path } = rig({
    ...workspace,
    "net/network.hvt": "net",
    "net/unrelated": "1",
    "net/Containerfile": `${syntax}FROM scratch
COPY network.hvt /unikernel/network.hvt
LABEL ${prefix}binary=/unikernel/network.hvt
LABEL "${prefix}cmdline"=""
LABEL "${prefix}unikernelType"="mirage"
LABEL "${prefix}hypervisor"="hvt"
LABEL "${prefix}useDMBlock"="false" own=label
`,
  });
  const ran = await build("//net");
  expect(ran.text).toContain("warning[not-for-urunc]: today's urunc has mountRootfs");
  expect(ran.text).toContain("--> net/Containerfile:8:1");
  expect(ran.text).toMatch(/^done/m);
  const { annotations, config, root, paths } = read(path(".kraft/out/net/image/image"));
  expect(paths).toEqual(["unikernel/network.hvt", "urunc.json"]);
  expect(annotations).toEqual({
    [`${prefix}binary`]: "/unikernel/network.hvt",
    [`${prefix}cmdline`]: "",
    [`${prefix}hypervisor`]: "hvt",
    [`${prefix}mountRootfs`]: "false",
    [`${prefix}unikernelType`]: "mirage",
    [`${prefix}useDMBlock`]: "false",
    own: "label",
  });
  expect(Object.keys(config["Labels"] as object)).not.toContain(`${prefix}mountRootfs`);
  const json = JSON.parse(readFileSync(join(root, "urunc.json"), "utf8")) as object;
  expect(Object.keys(json)).toEqual(Object.keys(annotations));
});

test("without labels, it is Linux in QEMU, with bunny's kernel and init", async () => {
  const { host } = await startRegistry();
  const parts = rig({
    ...workspace,
    "app/urunit": "init",
    "app/kernel": "linux",
    "app/bunnyfile": `version: v0.1
platforms: {framework: linux, monitor: qemu}
rootfs: {type: raw, include: [urunit]}
kernel: {from: local, path: kernel}
`,
  });
  expect((await parts.build("//app")).code).toBe(0);
  const layout = `oci:${parts.path(".kraft/out/app/image/image")}:latest`;
  for (const name of ["nubificus/urunit", "nubificus/bunny/linux-kernel-qemu"]) {
    skopeoCopy(layout, `docker://${host}/${name}:latest`, "--dest-tls-verify=false");
  }
  const containerfile = (label: string): string => `${syntax}FROM scratch
COPY app /bin/app
ENV A=1
WORKDIR /srv
${label}ENTRYPOINT ["/bin/app"]
CMD ["x", "y z"]
`;
  const mirrors = `sources:\n  mirrors:\n    harbor.nbfc.io: ${host}\n`;
  const { build, path, write } = rig({
    "kraft.workspace.yaml": `version: 1\n${mirrors}`,
    "web/app": "binary",
    "web/Containerfile": containerfile(""),
  });
  expect((await build("//web")).text).toMatch(/^done/m);
  const first = read(path(".kraft/out/web/image/image"));
  expect(first.paths).toEqual([".boot/kernel", "bin/app", "urunc.json", "urunit"]);
  expect(readFileSync(join(first.root, "urunit"), "utf8")).toBe("init");
  expect(first.annotations).toEqual({
    [`${prefix}binary`]: "/.boot/kernel",
    [`${prefix}hypervisor`]: "qemu",
    [`${prefix}mountRootfs`]: "true",
    [`${prefix}unikernelType`]: "linux",
  });
  expect(first.config).toMatchObject({
    Entrypoint: ["/urunit", "/bin/app"],
    Cmd: ["x", "y z"],
    WorkingDir: "/srv",
  });
  expect(first.config["Labels"]).toBeUndefined();

  write({ "web/Containerfile": containerfile('LABEL bunny.urunit="false"\n') });
  expect((await build("//web")).text).toMatch(/^done/m);
  const second = read(path(".kraft/out/web/image/image"));
  expect(second.paths).toEqual([".boot/kernel", "bin/app", "urunc.json"]);
  expect(second.config).toMatchObject({ Entrypoint: ["/bin/app"] });
  expect(second.annotations).toMatchObject({ "bunny.urunit": "false" });
});

test("a monitor that only the build tells gets no kernel of another", async () => {
  const { host } = await startRegistry();
  const parts = rig({
    ...workspace,
    "app/kernel": "linux",
    "app/bunnyfile": `version: v0.1
platforms: {framework: linux, monitor: firecracker}
kernel: {from: local, path: kernel}
`,
  });
  expect((await parts.build("//app")).code).toBe(0);
  const layout = `oci:${parts.path(".kraft/out/app/image/image")}:latest`;
  const reference = `docker://${host}/nubificus/bunny/linux-kernel-firecracker:latest`;
  skopeoCopy(layout, reference, "--dest-tls-verify=false");
  const containerfile = (monitor: string): string => `${syntax}FROM scratch
ARG HV=${monitor}
COPY app /app
LABEL ${prefix}hypervisor=$HV ${prefix}unikernelType=linux bunny.urunit=false
`;
  const { build, write } = rig({
    "kraft.workspace.yaml": `version: 1\nsources:\n  mirrors:\n    harbor.nbfc.io: ${host}\n`,
    "web/app": "binary",
    "web/Containerfile": containerfile("qemu"),
  });
  const refused = await build("//web");
  expect(refused.code).toBe(1);
  expect(refused.text).toContain(
    `the image is for qemu, which its Containerfile does not tell before it is built`,
  );
  expect(refused.text).toContain(`write the label ${prefix}hypervisor=qemu`);
  write({ "web/Containerfile": containerfile("firecracker") });
  expect((await build("//web")).code).toBe(0);
});

test("a Containerfile without bunny's line is none of its packages", async () => {
  const { run } = rig({
    ...workspace,
    "kraft.build.yaml": "targets:\n  - {name: a, rule: exec, outs: [a], command: 'touch $OUT'}\n",
    "web/Containerfile": "FROM scratch\nCOPY . /\n",
  });
  const { code, stdout } = await run(["query", "//..."]);
  expect(stdout.trim()).toBe("//:a");
  expect(code).toBe(0);
});

test("what urunc does not boot is told at the label", async () => {
  const { build } = rig({
    ...workspace,
    "web/Containerfile": `${syntax}FROM scratch
LABEL ${prefix}unikernelType=mirage
LABEL ${prefix}hypervisor=firecracker ${prefix}binary="/my kernel"
`,
  });
  const { code, text } = await build("//web");
  expect(code).toBe(2);
  expect(text).toContain(
    "error[not-for-urunc]: urunc boots no mirage in firecracker\n --> web/Containerfile:4:1",
  );
  expect(text).toContain('error[not-for-urunc]: urunc takes no binary "/my kernel"');
});
