/** A Kraftfile without mistakes, in a shape of its own, and what it says. */
export interface RightFile {
  readonly title: string;
  readonly text: string;
  /** What stands in its package: directories end in a slash. */
  readonly found?: readonly string[];
  /** Without places; what is not named here must be absent or empty. */
  readonly says: Readonly<Record<string, unknown>>;
}

const core = { name: "unikraft", kconfig: [] };
const kconfig = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings).map(([symbol, value]) => ({ symbol, value }));
const target = (platform: string, architecture: string) => ({
  platform,
  architecture,
  kconfig: [],
});

/** A file of one attribute, in v0.6. */
const one = (title: string, text: string, says: RightFile["says"]): RightFile => {
  return { title, text: `spec: v0.6\n${text}`, says: { version: "0.6", ...says } };
};

/** Whole files, as people have them. */
const wholeFiles: readonly RightFile[] = [
  {
    title: "a runtime, a Dockerfile and arguments",
    text: `spec: v0.6

runtime: base:latest

rootfs: ./Dockerfile

cmd: ["/usr/bin/server", "-p", "8080"]
`,
    says: {
      version: "0.6",
      runtime: { kind: "package", reference: "base:latest", kconfig: [] },
      rootfs: { path: "./Dockerfile", format: "cpio" },
      cmd: ["/usr/bin/server", "-p", "8080"],
    },
  },
  {
    title: "a runtime with labels for a cloud, some of them numbers",
    text: `spec: v0.6
name: cache
runtime: cache:7.2
labels:
  cloud.example.v1/scale_to_zero.policy: "on"
  cloud.example.v1/scale_to_zero.stateful: "true"
  cloud.example.v1/scale_to_zero.cooldown_time_ms: 1000
rootfs: ./rootfs/
cmd: [
  "/usr/bin/cache",
  "/etc/cache.conf"
]
`,
    says: {
      version: "0.6",
      name: { value: "cache" },
      runtime: { kind: "package", reference: "cache:7.2", kconfig: [] },
      labels: {
        "cloud.example.v1/scale_to_zero.policy": "on",
        "cloud.example.v1/scale_to_zero.stateful": "true",
        "cloud.example.v1/scale_to_zero.cooldown_time_ms": "1000",
      },
      rootfs: { path: "./rootfs/", format: "cpio" },
      cmd: ["/usr/bin/cache", "/etc/cache.conf"],
    },
  },
  {
    title: "a template with a core, libraries and two targets",
    text: `spec: v0.6

name: base

rootfs: ./rootfs

template:
  source: https://github.com/unikraft/app-elfloader.git
  version: staging

unikraft:
  source: https://github.com/unikraft/unikraft.git
  version: staging
  kconfig:
    # Configurations options
    CONFIG_APPELFLOADER_STACK_NBPAGES: 128
    CONFIG_STACK_SIZE_PAGE_ORDER: 4 # 128 * 4K
    CONFIG_LIBPOSIX_ENVIRON: 'y'
    CONFIG_LIBPOSIX_ENVIRON_ENVP0: "PATH=/usr/local/bin:/bin"
    CONFIG_LIBUKBOOT_HEAP_BASE: '0x400000000'
    CONFIG_LIBUKDEBUG: 'n'

libraries:
  lwip:
    source: https://github.com/unikraft/lib-lwip.git
    version: staging
    kconfig:
      CONFIG_LWIP_TCP: 'y'
      CONFIG_LWIP_NUM_TCPCON: 64
  libelf: stable

targets:
- fc/x86_64
- qemu/x86_64
`,
    says: {
      version: "0.6",
      name: { value: "base" },
      rootfs: { path: "./rootfs", format: "cpio" },
      template: {
        name: "elfloader",
        source: { kind: "git", url: "https://github.com/unikraft/app-elfloader.git" },
        version: "staging",
        kconfig: [],
      },
      unikraft: {
        name: "unikraft",
        source: { kind: "git", url: "https://github.com/unikraft/unikraft.git" },
        version: "staging",
        kconfig: kconfig({
          CONFIG_APPELFLOADER_STACK_NBPAGES: "128",
          CONFIG_STACK_SIZE_PAGE_ORDER: "4",
          CONFIG_LIBPOSIX_ENVIRON: "y",
          CONFIG_LIBPOSIX_ENVIRON_ENVP0: "PATH=/usr/local/bin:/bin",
          CONFIG_LIBUKBOOT_HEAP_BASE: "0x400000000",
          CONFIG_LIBUKDEBUG: "n",
        }),
      },
      libraries: [
        {
          name: "lwip",
          source: { kind: "git", url: "https://github.com/unikraft/lib-lwip.git" },
          version: "staging",
          kconfig: kconfig({ CONFIG_LWIP_TCP: "y", CONFIG_LWIP_NUM_TCPCON: "64" }),
        },
        { name: "libelf", version: "stable", kconfig: [] },
      ],
      targets: [target("fc", "x86_64"), target("qemu", "x86_64")],
    },
  },
  {
    title: "v0.5 with options in lists, and targets that differ by name and options",
    text: `---
specification: '0.5'

name: store

unikraft:
  version: stable
  kconfig:
    - CONFIG_LIBPOSIX_LIBDL=y
    - CONFIG_LIBVFSCORE_ROOTFS="9pfs"
    - CONFIG_LIBPOSIX_LIBDL=y

targets:
  - name: store-qemu-x86_64-9pfs
    architecture: x86_64
    platform: qemu
    kconfig:
      - CONFIG_LIBUK9P=y
  - name: store-qemu-x86_64-initrd
    arch: x86_64
    plat: kvm
    kconfig: {CONFIG_LIBRAMFS: y}
  - architecture: arm64
    platform: firecracker

libraries:
  musl: {version: stable}
`,
    says: {
      version: "0.5",
      name: { value: "store" },
      unikraft: {
        name: "unikraft",
        version: "stable",
        kconfig: kconfig({ CONFIG_LIBVFSCORE_ROOTFS: "9pfs", CONFIG_LIBPOSIX_LIBDL: "y" }),
      },
      targets: [
        {
          ...target("qemu", "x86_64"),
          name: "store-qemu-x86_64-9pfs",
          kconfig: kconfig({ CONFIG_LIBUK9P: "y" }),
        },
        {
          ...target("qemu", "x86_64"),
          name: "store-qemu-x86_64-initrd",
          kconfig: kconfig({ CONFIG_LIBRAMFS: "y" }),
        },
        target("fc", "arm64"),
      ],
      libraries: [{ name: "musl", version: "stable", kconfig: [] }],
    },
  },
  {
    title: "v0.7, whose strings are never looked up on the disk",
    text: `spec: v0.7
unikraft: stable
libraries:
  lwip: staging
targets: [qemu/x86_64]
rootfs:
  source:
    path: .
    dockerfile: build/Dockerfile
  format: erofs
roms:
  - ./data
  - source: {type: dir, path: ./more}
env:
  - HOME
  - PATH=$HOME/bin
labels:
  - a/b=c
`,
    found: ["stable/", "staging/"],
    says: {
      version: "0.7",
      unikraft: { ...core, version: "stable" },
      libraries: [{ name: "lwip", version: "staging", kconfig: [] }],
      targets: [target("qemu", "x86_64")],
      rootfs: { path: ".", type: "dockerfile", dockerfile: "build/Dockerfile", format: "erofs" },
      roms: [
        { path: "./data", format: "cpio" },
        { path: "./more", type: "dir", format: "cpio" },
      ],
      env: [{ name: "HOME" }, { name: "PATH", value: "$HOME/bin" }],
      labels: { "a/b": "c" },
    },
  },
  {
    title: "lines that end with CRLF, behind a byte order mark",
    text: '\uFEFFspec: v0.6\r\n\r\nname: cat \r\nruntime: base:latest\r\ncmd: [\r\n  "a"\r\n]\r\n',
    says: {
      version: "0.6",
      name: { value: "cat" },
      runtime: { kind: "package", reference: "base:latest", kconfig: [] },
      cmd: ["a"],
    },
  },
  {
    title: "a syntax for BuildKit in the first comment, extensions, anchors and merged maps",
    text: `#syntax=kraftkit.sh/llb:latest
spec: v0.6
x-common: &common
  CONFIG_LIBUKDEBUG: y
  x-note: ignored
unikraft:
  x-why: because
  kconfig:
    <<: *common
    CONFIG_LIBPOSIX_USER: on
`,
    says: {
      version: "0.6",
      unikraft: {
        ...core,
        kconfig: kconfig({ CONFIG_LIBPOSIX_USER: "y", CONFIG_LIBUKDEBUG: "y" }),
      },
    },
  },
  {
    title: "keys without values, where that is none",
    text: "spec: v0.6\nlibraries:\ntargets:\nenv: ~\nlabels:\nvolumes:\nroms:\ncmd:\nunikraft:\n  version: stable\n  kconfig:\n",
    says: { version: "0.6", unikraft: { ...core, version: "stable" } },
  },
];

/** Forms of single attributes. */
const attributes: readonly RightFile[] = [
  { title: "v0.6.1 is v0.6", text: "spec: 0.6.1\n", says: { version: "0.6" } },
  { title: "a version needs no v", text: "spec: '0.7'\n", says: { version: "0.7" } },
  one("a core of a channel", "unikraft: stable\n", { unikraft: { ...core, version: "stable" } }),
  one("a core of a release that YAML takes for a number", "unikraft: 0.10\n", {
    unikraft: { ...core, version: "0.10" },
  }),
  one("a core of a commit", "unikraft: {version: 1234567}\n", {
    unikraft: { ...core, version: "1234567" },
  }),
  {
    ...one("a core in a directory", "unikraft: core\n", {
      unikraft: { ...core, source: { kind: "directory", path: "core" } },
    }),
    found: ["core/"],
  },
  {
    ...one("a channel with the name of a file", "unikraft: stable\n", {
      unikraft: { ...core, version: "stable" },
    }),
    found: ["stable"],
  },
  one("a core in a directory that is not there yet", "unikraft: ../core\n", {
    unikraft: { ...core, source: { kind: "directory", path: "../core" } },
  }),
  one("a core in the directory itself", "unikraft: {source: .}\n", {
    unikraft: { ...core, source: { kind: "directory", path: "." } },
  }),
  one("a core in an absolute directory", "unikraft: {source: /src/unikraft, version: x}\n", {
    unikraft: { ...core, source: { kind: "directory", path: "/src/unikraft" }, version: "x" },
  }),
  one("a core in a repository", "unikraft: https://example.com/core\n", {
    unikraft: { ...core, source: { kind: "git", url: "https://example.com/core" } },
  }),
  one("a core on a branch", "unikraft: https://example.com/core.git?tag=a&branch=b/c\n", {
    unikraft: {
      ...core,
      source: { kind: "git", url: "https://example.com/core.git", reference: "b/c" },
    },
  }),
  one("a core at what stands behind an @", "unikraft: https://me@example.com/core.git@v1\n", {
    unikraft: {
      ...core,
      source: { kind: "git", url: "https://me@example.com/core.git", reference: "v1" },
    },
  }),
  one("a core behind SSH, as a URL", "unikraft: ssh://git@example.com/core.git\n", {
    unikraft: { ...core, source: { kind: "git", url: "ssh://git@example.com/core.git" } },
  }),
  one("a core behind SSH, as scp has it", "unikraft: git@example.com:me/core.git\n", {
    unikraft: { ...core, source: { kind: "git", url: "git@example.com:me/core.git" } },
  }),
  one("a core behind SSH, at a reference", "unikraft: git@example.com:me/core.git@v1\n", {
    unikraft: {
      ...core,
      source: { kind: "git", url: "git@example.com:me/core.git", reference: "v1" },
    },
  }),
  one("a core in a repository on the disk", "unikraft: file:///src/core.git\n", {
    unikraft: { ...core, source: { kind: "git", url: "file:///src/core.git" } },
  }),
  one("a core in an archive", "unikraft: https://example.com/core-1.0.tar.gz\n", {
    unikraft: { ...core, source: { kind: "archive", url: "https://example.com/core-1.0.tar.gz" } },
  }),
  one("a core in an archive on the disk", "unikraft: ./core.tgz\n", {
    unikraft: { ...core, source: { kind: "archive", url: "./core.tgz" } },
  }),
  one("options of all types", optionsOfAllTypes(), {
    unikraft: {
      ...core,
      kconfig: kconfig({
        CONFIG_BARE: "y",
        CONFIG_TRUE: "y",
        CONFIG_OFF: "n",
        CONFIG_QUOTED_WORD: "no",
        CONFIG_MODULE: "m",
        CONFIG_INT: "-12",
        CONFIG_HEX: "0x400000000",
        CONFIG_OCTAL: "15",
        CONFIG_BIG: "123456789012345678901234567890",
        CONFIG_EMPTY: "",
        CONFIG_EQUALS: "a=b=c",
        CONFIG_IN_QUOTES: 'say "hi"',
      }),
    },
  }),
  one("options in a list, with = in values", "unikraft:\n  kconfig: [CONFIG_S=hello=world]\n", {
    unikraft: { ...core, kconfig: kconfig({ CONFIG_S: "hello=world" }) },
  }),
  one("an empty text in a list", 'unikraft:\n  kconfig:\n  - CONFIG_S=""\n', {
    unikraft: { ...core, kconfig: kconfig({ CONFIG_S: "" }) },
  }),
  one(
    "libraries in a list",
    "libraries:\n  - lwip\n  - musl: stable\n  - {name: zlib, version: 1.2}\n",
    {
      libraries: [
        { name: "lwip", kconfig: [] },
        { name: "musl", version: "stable", kconfig: [] },
        { name: "zlib", version: "1.2", kconfig: [] },
      ],
    },
  ),
  one(
    "libraries in directories and repositories",
    "libraries: {a: ./a, compiler-rt: https://x.org/rt}\n",
    {
      libraries: [
        { name: "a", source: { kind: "directory", path: "./a" }, kconfig: [] },
        { name: "compiler-rt", source: { kind: "git", url: "https://x.org/rt" }, kconfig: [] },
      ],
    },
  ),
  one("a template as a repository", "template: https://example.com/app-elfloader.git\n", {
    template: {
      name: "elfloader",
      source: { kind: "git", url: "https://example.com/app-elfloader.git" },
      kconfig: [],
    },
  }),
  one("a template in a catalog", "template: app/elfloader:stable\n", {
    template: { name: "elfloader", version: "stable", kconfig: [] },
  }),
  one("a template with a name", "template: {name: loader, source: ../elfloader}\n", {
    template: { name: "loader", source: { kind: "directory", path: "../elfloader" }, kconfig: [] },
  }),
  one("a runtime behind oci://", "runtime: oci://unikraft.org/nginx:1.25\n", {
    runtime: { kind: "package", reference: "unikraft.org/nginx:1.25", kconfig: [] },
  }),
  one("a runtime in a registry with a port", "runtime: localhost:5000/a/b\n", {
    runtime: { kind: "package", reference: "localhost:5000/a/b", kconfig: [] },
  }),
  one("a runtime by its digest", `runtime: base@sha256:${"a".repeat(64)}\n`, {
    runtime: { kind: "package", reference: `base@sha256:${"a".repeat(64)}`, kconfig: [] },
  }),
  one("a runtime that is a kernel", "runtime: kernel://build/hello_qemu-x86_64\n", {
    runtime: { kind: "kernel", path: "build/hello_qemu-x86_64" },
  }),
  one(
    "a runtime in a map",
    "runtime:\n  source: unikraft.org/base\n  version: 0.16\n  kconfig: {CONFIG_X: y}\n",
    {
      runtime: {
        kind: "package",
        reference: "unikraft.org/base:0.16",
        kconfig: kconfig({ CONFIG_X: "y" }),
      },
    },
  ),
  one(
    "targets by all names of platforms",
    "targets: [kvm/x86_64, firecracker/x86_64, hl/x86_64, xen/arm, linuxu/x86_64, kraftcloud/x86_64]\n",
    {
      targets: [
        target("qemu", "x86_64"),
        target("fc", "x86_64"),
        target("hyperlight", "x86_64"),
        target("xen", "arm"),
        target("linuxu", "x86_64"),
        target("kraftcloud", "x86_64"),
      ],
    },
  ),
  one(
    "a target whose platform is a pair",
    "targets:\n  - {plat: qemu/arm64, arch: x86_64, output: out/k}\n",
    {
      targets: [{ ...target("qemu", "arm64"), output: "out/k" }],
    },
  ),
  one(
    "a target whose platform is a map",
    "targets:\n  - {platform: {name: kvm}, architecture: arm64}\n",
    {
      targets: [target("qemu", "arm64")],
    },
  ),
  one(
    "targets of one name for several platforms",
    "targets:\n  - {name: a, plat: fc, arch: x86_64}\n  - {name: a, plat: xen, arch: x86_64}\n",
    {
      targets: [
        { ...target("fc", "x86_64"), name: "a" },
        { ...target("xen", "x86_64"), name: "a" },
      ],
    },
  ),
  one("a root file system with a format", "rootfs: {source: ./rootfs, type: erofs}\n", {
    rootfs: { path: "./rootfs", format: "erofs" },
  }),
  one(
    "a root file system of a type",
    "rootfs: {source: ./a.tar.gz, type: tarball, format: cpio}\n",
    {
      rootfs: { path: "./a.tar.gz", type: "tarball", format: "cpio" },
    },
  ),
  one("arguments as a line of shell", `cmd: nginx -g 'daemon off;' "a \\"b\\"" c\\ d ''\n`, {
    cmd: ["nginx", "-g", "daemon off;", 'a "b"', "c d", ""],
  }),
  one("no arguments, said so", "cmd: ''\n", { cmd: [] }),
  one("arguments that YAML takes for numbers and booleans", "cmd: [-p, 080, 1.10, true]\n", {
    cmd: ["-p", "080", "1.10", "true"],
  }),
  one("an environment as a map", "env: {A: 1, B: y, C: true, D: , E: ''}\n", {
    env: [
      { name: "A", value: "1" },
      { name: "B", value: "y" },
      { name: "C", value: "true" },
      { name: "D" },
      { name: "E", value: "" },
    ],
  }),
  one("an environment as a list", "env: [A=b=c, D, E=]\n", {
    env: [{ name: "A", value: "b=c" }, { name: "D" }, { name: "E", value: "" }],
  }),
  one("a label that JavaScript has a use for", "labels: {__proto__: a}\n", {
    labels: Object.fromEntries([["__proto__", "a"]]),
  }),
  one(
    "volumes in all forms",
    "volumes:\n  - ./a\n  - ./b:/b\n  - ./c:/c:ro\n  - {driver: 9pfs, source: d, destination: /d, readOnly: true}\n  - {source: e, mode: ro}\n",
    {
      volumes: [
        { source: "./a", destination: "/", isReadOnly: false },
        { source: "./b", destination: "/b", isReadOnly: false },
        { source: "./c", destination: "/c", isReadOnly: true },
        { driver: "9pfs", source: "d", destination: "/d", isReadOnly: true },
        { source: "e", destination: "/", isReadOnly: true },
      ],
    },
  ),
  one("volumes as old files have them", "volumes:\n  fs0:\n    driver: 9pfs\n    source: fs0\n", {
    volumes: [{ driver: "9pfs", source: "fs0", destination: "/", isReadOnly: false }],
  }),
  one(
    "dollar signs and defaults",
    "cmd: ['$$HOME', '${A:-b}c', '${A-${B-d}}', '${A:+e}.', '$$$$']\n",
    {
      cmd: ["$HOME", "bc", "d", ".", "$$"],
    },
  ),
];

function optionsOfAllTypes(): string {
  return `unikraft:
  kconfig:
    CONFIG_BARE: y
    CONFIG_TRUE: true
    CONFIG_OFF: off
    CONFIG_QUOTED_WORD: 'no'
    CONFIG_MODULE: m
    CONFIG_INT: -12
    CONFIG_HEX: 0x400000000
    CONFIG_OCTAL: 0o17
    CONFIG_BIG: 123456789012345678901234567890
    CONFIG_EMPTY: ''
    CONFIG_EQUALS: a=b=c
    CONFIG_IN_QUOTES: '"say \\"hi\\""'
`;
}

export const rightFiles: readonly RightFile[] = [...wholeFiles, ...attributes];
