// Rows over unikernels that are built object by object: the examples, and Unikraft itself when
// KRAFT_GRAPH_UNIKRAFT and KRAFT_GRAPH_UNIKRAFT_APP name directories of a core and app-helloworld.

import { fileURLToPath } from "node:url";

import { Yard } from "../unikernel-yard.mjs";

/** @typedef {import("../measure.mjs").Row} Row */
/** @typedef {import("../unikernel-tree.mjs").Project} Project */

/**
 * @param {import("../main.mjs").BenchContext} context
 * @returns {readonly Row[]}
 */
export function rows(context) {
  const projects = [examples(), unikraft()].filter((project) => project !== undefined);
  return projects.flatMap((project) => rowsOf(new Yard(project, context)));
}

/** @returns {Project} */
function examples() {
  const wordcount = "libs/lib-wordcount";
  const app = {
    directory: "hello",
    kraftfile: "Kraftfile",
    source: "main.c",
    libraries: [wordcount],
  };
  return {
    name: "core",
    copies: [[fileURLToPath(new URL("../../examples", import.meta.url)), "."]],
    workspaceFile: "version: 1\nname: bench\n",
    core: "core",
    app,
    secondApp: { ...app, directory: "cat", libraries: ["libs/lib-crc", wordcount] },
    option: "CONFIG_LIBUKPRINT_PRINT_TIME",
    withOption: (text, option) => text.replace("  kconfig:\n", `  kconfig:\n    ${option}: 'y'\n`),
  };
}

/** @returns {Project | undefined} */
function unikraft() {
  const { KRAFT_GRAPH_UNIKRAFT: core, KRAFT_GRAPH_UNIKRAFT_APP: source } = process.env;
  if (core === undefined || source === undefined) return undefined;
  const app = { directory: "hello", kraftfile: "kraft.yaml", source: "main.c", libraries: [] };
  return {
    name: "unikraft",
    copies: [
      [core, "unikraft"],
      [source, "hello"],
      [source, "other"],
    ],
    workspaceFile: "version: 1\nname: bench\ncomponents: {unikraft: ./unikraft}\n",
    core: "unikraft",
    app,
    secondApp: { ...app, directory: "other" },
    option: "CONFIG_LIBUKDEBUG_PRINT_SRCNAME",
    withOption: (text, option) =>
      text.replace("  version: stable\n", `  version: stable\n  kconfig:\n    ${option}: 'y'\n`),
  };
}

/** @returns {Row[]} */
function rowsOf(yard) {
  const { name, app, secondApp } = yard.project;
  const qemu = { app, variant: "qemu-x86_64" };
  const flipped = { app, variant: "qemu-x86_64-flipped" };
  const firecracker = { app, variant: "fc-x86_64" };
  const second = { app: secondApp, variant: "qemu-x86_64" };
  const row = (part, about, what, ours = {}) => ({
    name: `unikraft-${name}/${part}`,
    about,
    runs: 3,
    contenders: yard.contenders(what),
    bounds: [],
    note: () => yard.note(),
    ...ours,
  });
  const overMake = (atMost) => [{ peer: "make", atMost }];
  const fresh = (place) => {
    place.forget();
    place.build(qemu);
  };
  const configures = true;
  return [
    row(
      "clean",
      "one kernel from nothing",
      { target: qemu, configures, prepare: (place) => place.forget() },
      { bounds: overMake(1) },
    ),
    row("clean-none", "the same, with actions kept apart no more than make does it", {
      target: qemu,
      configures,
      flags: ["--sandbox=none"],
      prepare: (place) => place.forget(),
    }),
    row(
      "no-op",
      "nothing changed",
      { target: qemu, prepare: (place, run) => (run === 0 ? place.settled(qemu) : undefined) },
      { bounds: overMake(0.15), runs: 5 },
    ),
    row("comment", "a comment in one file of the app", {
      target: qemu,
      prepare: (place, run) => {
        if (run === 0) place.build(qemu);
        place.tree.comment();
      },
    }),
    row("flip", "an option set that was never set before", {
      target: flipped,
      configures,
      prepare: (place) => {
        fresh(place);
        place.tree.setOption(true);
      },
    }),
    row(
      "flip-back",
      "the same option as it was again",
      { target: qemu, configures, prepare: (place) => place.flipAndBack(qemu, flipped) },
      { bounds: [{ what: "actions executed", atMost: 0, measured: () => yard.executed() }] },
    ),
    row(
      "second-platform",
      "the same app for Firecracker, after QEMU",
      { target: firecracker, configures, prepare: fresh },
      { bounds: [{ what: "reused", atLeast: 0.85, measured: () => yard.reused() }] },
    ),
    row("second-app", "another app with the same core and libraries", {
      target: second,
      configures,
      prepare: fresh,
    }),
    row(
      "other-path",
      "the same in another directory, with the same cache",
      {
        target: qemu,
        configures,
        elsewhere: true,
        prepare: (place) => {
          place.tree.uncomment();
          place.build(qemu);
        },
      },
      { bounds: [{ what: "actions executed", atMost: 0, measured: () => yard.executed() }] },
    ),
    row(
      "warm",
      "all outputs removed, with a warm cache",
      {
        target: qemu,
        configures,
        prepare: (place) => {
          place.build(qemu);
          place.tree.clean();
        },
      },
      { bounds: [{ row: `unikraft-${name}/clean`, atMost: 0.05 }] },
    ),
  ];
}
