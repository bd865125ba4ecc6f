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

test("what a Containerfile lacks, the labels decide that it was built with", async () => {
  const { host } = await startRegistry();
  const monitors = ["qemu", "firecracker"];
  const parts = rig({
    ...workspace,
    ...Object.fromEntries(
      monitors.flatMap((monitor) => [
        [`${monitor}/kernel`, `linux for ${monitor}`],
        [`${monitor}/urunit`, "init"],
        [
          `${monitor}/bunnyfile`,
          `version: v0.1
platforms: {framework: linux, monitor: ${monitor}}
rootfs: {type: raw, include: [urunit]}
kernel: {from: local, path: kernel}
`,
        ],
      ]),
    ),
  });
  expect((await parts.build("//...")).code).toBe(0);
  const publish = (monitor: string, name: string): void => {
    const layout = `oci:${parts.path(`.kraft/out/${monitor}/image/image`)}:latest`;
    skopeoCopy(layout, `docker://${host}/nubificus/${name}:latest`, "--dest-tls-verify=false");
  };
  for (const monitor of monitors) publish(monitor, `bunny/linux-kernel-${monitor}`);
  publish("qemu", "urunit");
  const { run, path } = rig({
    "kraft.workspace.yaml": `version: 1\nsources:\n  mirrors:\n    harbor.nbfc.io: ${host}\n`,
    "web/app": "binary",
    "web/Containerfile": `${syntax}FROM scratch
ARG HV=qemu
ARG TYPE=linux
ARG INIT=true
COPY app /app
LABEL ${prefix}hypervisor=$HV ${prefix}unikernelType=$TYPE bunny.urunit=$INIT
ENTRYPOINT ["/app"]
`,
  });
  const built = async (...words: readonly string[]): Promise<Read> => {
    const args = words.flatMap((word) => ["--build-arg", word]);
    const ran = await run(["build", ...args, "//web", "//web:kernel"]);
    expect(ran.text).toMatch(/^done/m);
    return read(path(".kraft/out/web/image/image"));
  };
  const kernelIn = ({ root }: Read): string => readFileSync(join(root, ".boot/kernel"), "utf8");
  const plain = await built();
  expect(kernelIn(plain)).toBe("linux for qemu");
  expect(plain.paths).toContain("urunit");
  expect(plain.config).toMatchObject({ Entrypoint: ["/urunit", "/app"] });
  const other = await built("HV=firecracker", "INIT=false");
  expect(kernelIn(other)).toBe("linux for firecracker");
  expect(readFileSync(path(".kraft/out/web/kernel/kernel"), "utf8")).toBe("linux for firecracker");
  expect(other.paths).not.toContain("urunit");
  expect(other.config).toMatchObject({ Entrypoint: ["/app"] });
  const guest = await built("TYPE=freebsd");
  expect(guest.paths).not.toContain("urunit");
  const refused = await run([
    "build",
    "--build-arg",
    "TYPE=mirage",
    "--build-arg",
    "HV=firecracker",
    "//web",
  ]);
  expect(refused.text).toContain("urunc boots no mirage in firecracker");
  expect(refused.text).toContain("--> web/Containerfile:7:1");
  expect(refused.code).toBe(1);
});

test("layers of the base and of each instruction stay as they are, and so does the config", async () => {
  const { host } = await startRegistry();
  const parts = rig({
    ...workspace,
    "base/linux": "bzImage",
    "base/bunnyfile": `version: v0.1
platforms: {framework: linux, monitor: qemu}
kernel: {from: local, path: linux}
`,
  });
  expect((await parts.build("//base")).code).toBe(0);
  const layout = `oci:${parts.path(".kraft/out/base/image/image")}:latest`;
  const reference = `docker://${host}/base:1`;
  skopeoCopy(layout, reference, "--dest-tls-verify=false", "--dest-compress");
  const layersOf = (image: string, ...more: readonly string[]) => {
    const raw = execFileSync("skopeo", ["inspect", "--raw", ...more, image], { encoding: "utf8" });
    return (JSON.parse(raw) as { layers: { digest: string; mediaType: string }[] }).layers;
  };
  const { build, path } = rig({
    ...workspace,
    "web/app": "binary",
    "web/Containerfile": `${syntax}FROM scratch AS other
COPY app /unused
FROM ${host}/base:1 AS first
COPY app /bin/app
FROM first
COPY app /bin/again
WORKDIR /srv
USER 1:2
ENV A=1
EXPOSE 80 53/udp
VOLUME /data
STOPSIGNAL SIGINT
HEALTHCHECK CMD ["/bin/app"]
SHELL ["/bin/app"]
LABEL ${prefix}unikernelType=linux ${prefix}binary=/.boot/kernel bunny.urunit=false own=1
CMD ["/bin/app"]
`,
  });
  expect((await build("//web", "//web:kernel", "//web:rootfs")).text).toMatch(/^done/m);
  const image = path(".kraft/out/web/image/image");
  const base = layersOf(reference, "--tls-verify=false");
  const layers = layersOf(`oci:${image}:latest`);
  expect(base).toHaveLength(2);
  expect(layers.slice(0, 2).map(({ digest }) => digest)).toEqual(base.map(({ digest }) => digest));
  // Two COPY, WORKDIR, and /urunc.json.
  expect(layers).toHaveLength(2 + 3 + 1);
  const { config, paths, root } = read(image);
  expect(paths).toEqual([".boot/kernel", "bin/again", "bin/app", "urunc.json"]);
  expect(config).toMatchObject({
    Cmd: ["/bin/app"],
    Env: [expect.stringMatching(/^PATH=/), "A=1"],
    ExposedPorts: { "53/udp": {}, "80/tcp": {} },
    StopSignal: "SIGINT",
    User: "1:2",
    Volumes: { "/data": {} },
    WorkingDir: "/srv",
  });
  expect(Object.keys(config).sort()).toEqual(
    "Cmd Env ExposedPorts Labels StopSignal User Volumes WorkingDir".split(" "),
  );
  expect(readFileSync(path(".kraft/out/web/kernel/kernel"), "utf8")).toBe("bzImage");
  expect(readFileSync(join(root, ".boot/kernel"), "utf8")).toBe("bzImage");
  const tar = path(".kraft/out/web/rootfs/rootfs.tar");
  const listed = execFileSync("tar", ["-tf", tar], { encoding: "utf8" }).trim().split("\n");
  expect(listed.filter((one) => !one.endsWith("/"))).toEqual([
    ".boot/kernel",
    "bin/again",
    "bin/app",
    "urunc.json",
  ]);
});

test("of a stage that is chosen, its own labels count", async () => {
  const { run, path } = rig({
    ...workspace,
    "web/k": "kernel",
    "web/Containerfile": `${syntax}FROM scratch AS spt
COPY k /spt
LABEL ${prefix}unikernelType=mirage ${prefix}hypervisor=spt ${prefix}binary=/spt
FROM scratch
COPY k /fc
LABEL ${prefix}unikernelType=mirage ${prefix}hypervisor=firecracker ${prefix}binary=/fc
`,
  });
  const last = await run(["build", "//web"]);
  expect(last.text).toContain("urunc boots no mirage in firecracker\n --> web/Containerfile:7:1");
  const chosen = await run(["build", "--build-target", "spt", "//web", "//web:kernel"]);
  expect(chosen.text).toMatch(/^done/m);
  const { paths, annotations } = read(path(".kraft/out/web/image/image"));
  expect(paths).toEqual(["spt", "urunc.json"]);
  expect(annotations).toMatchObject({ [`${prefix}hypervisor`]: "spt" });
  expect(readFileSync(path(".kraft/out/web/kernel/kernel"), "utf8")).toBe("kernel");
  const missing = await run(["build", "--build-target", "sqt", "//web"]);
  expect(missing.text).toContain("the Dockerfile has no stage sqt");
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
