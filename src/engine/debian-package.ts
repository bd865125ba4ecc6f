/** The package of Debian and Ubuntu that has the program `name`; undefined when not known. */
export function debianPackageOf(name: string): string | undefined {
  const cross = /^((?:aarch64|arm)-linux-gnu(?:eabihf)?)-(.*)$/.exec(name);
  if (cross !== null) return `${cross[2] === "g++" ? "g++" : "gcc"}-${cross[1]}`;
  return Object.hasOwn(packages, name) ? packages[name] : undefined;
}

const packages: Readonly<Record<string, string>> = {
  as: "binutils",
  awk: "mawk",
  bison: "bison",
  buildah: "buildah",
  bwrap: "bubblewrap",
  cc: "gcc",
  flex: "flex",
  "g++": "g++",
  gawk: "gawk",
  gcc: "gcc",
  git: "git",
  gzip: "gzip",
  ld: "binutils",
  make: "make",
  nm: "binutils",
  objcopy: "binutils",
  ocamlc: "ocaml-nox",
  opam: "opam",
  podman: "podman",
  python3: "python3",
  "qemu-system-aarch64": "qemu-system-arm",
  "qemu-system-arm": "qemu-system-arm",
  "qemu-system-x86_64": "qemu-system-x86",
  sqfstar: "squashfs-tools",
  strip: "binutils",
  unshare: "util-linux",
  zstd: "zstd",
};

/** How to get the program `name` where no package has it; undefined when that is not known. */
export function otherInstallationOf(name: string): string | undefined {
  if (/^(?:mirage|opam-monorepo|dune|ocamlfind)$/.test(name)) {
    return "install MirageOS (opam install mirage opam-monorepo), and name the bin directory of its switch in build.path";
  }
  if (!/^solo5-|-solo5-/.test(name)) return undefined;
  return "install Solo5 (opam install solo5, or from https://github.com/Solo5/solo5), and name its bin directory in build.path";
}
