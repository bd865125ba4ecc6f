// One contender's copy of an app, a core and libraries, and how it is built there.

import { appendFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { launch } from "./launch.mjs";
import { writeFile } from "./layered-graph.mjs";
import { putAside } from "./put-aside.mjs";

/**
 * What is built.
 * @typedef {object} Project
 * @property {string} name
 * @property {readonly (readonly [from: string, to: string])[]} copies Directories, to a place in the tree.
 * @property {string} workspaceFile
 * @property {string} core
 * @property {App} app
 * @property {App} secondApp One that shares its libraries.
 * @property {string} option Of the form `CONFIG_X`, and `y` when it is flipped.
 * @property {(text: string, option: string) => string} withOption A Kraftfile with the option.
 */

/**
 * @typedef {object} App
 * @property {string} directory
 * @property {string} kraftfile
 * @property {string} source The C file that gets a comment.
 * @property {readonly string[]} libraries Directories.
 */

/** One copy, in which one contender builds. */
export class UnikernelTree {
  root;
  #project;
  #scratch;
  #comments = 0;
  /** The app's, as it was before an option was set. @type {string | undefined} */
  #kraftfile;

  /**
   * @param {{ root: string, project: Project, scratch: string }} options
   */
  constructor({ root, project, scratch }) {
    this.root = root;
    this.#project = project;
    this.#scratch = scratch;
    this.#putAside(root);
    for (const [from, to] of project.copies) {
      const options = { recursive: true, verbatimSymlinks: true };
      cpSync(from, join(root, to), { ...options, filter: (path) => !path.endsWith("/.git") });
    }
    writeFile(root, "kraft.workspace.yaml", project.workspaceFile);
  }

  /** Runs `command`, untimed. */
  run(command) {
    launch(command, this.#scratch);
  }

  /** Reads all of it, as machines may take from memory what was not used for seconds. */
  warm() {
    for (const [, to] of this.#project.copies) {
      const options = { recursive: true, withFileTypes: true };
      for (const entry of readdirSync(join(this.root, to), options)) {
        if (entry.isFile()) readFileSync(join(entry.parentPath, entry.name));
      }
    }
  }

  /** Waits until the engine trusts the times of what was written. */
  settle() {
    return setTimeout(2_100);
  }

  /** Takes away what builds made here, but no cache. */
  clean() {
    for (const path of [".kraft", "make"]) {
      this.#putAside(join(this.root, path));
    }
  }

  #putAside(path) {
    putAside(path, join(this.#scratch, "aside"));
  }

  comment() {
    appendFileSync(this.#sourceFile(), `/* comment ${++this.#comments} */\n`);
  }

  /** Takes the comments out again: elsewhere there are none. */
  uncomment() {
    const text = readFileSync(this.#sourceFile(), "utf8");
    writeFileSync(this.#sourceFile(), text.replaceAll(/\/\* comment \d+ \*\/\n/g, ""));
  }

  #sourceFile() {
    const { directory, source } = this.#project.app;
    return join(this.root, directory, source);
  }

  /** Sets the option or, with `isOn` false, leaves it to its default. */
  setOption(isOn) {
    const { app, option, withOption } = this.#project;
    const path = join(this.root, app.directory, app.kraftfile);
    // Not beside it: a tree elsewhere lacks that file, and each is part of the app.
    this.#kraftfile ??= readFileSync(path, "utf8");
    writeFileSync(path, isOn ? withOption(this.#kraftfile, option) : this.#kraftfile);
  }
}

/** Where, below `directory`, the options of `app` for `platform` are kept for those who call make. */
export function optionsFile(directory, app, variant) {
  return join(directory, `${app.directory.replaceAll("/", "-")}-${variant}`);
}

/**
 * A line of shell that makes `app` as `style` does it.
 * @param {{ root: string, options: string, project: Project, app: App, variant: string, jobs: number }} what
 * @param {"make" | "kraftkit"} style
 * @param {{ configures: boolean }} options
 */
export function makeScript({ root, options, project, app, variant, jobs }, style, { configures }) {
  const name = app.directory.replaceAll("/", "-");
  // KraftKit has one directory for all targets of an app; who calls make has one for each.
  const platform = style === "kraftkit" ? "all" : variant.split("-")[0];
  const out = join(root, "make", `${name}-${platform}`);
  const words = [
    `A=${join(root, app.directory)}`,
    `O=${out}`,
    `C=${join(root, "make", `${name}-${variant}.config`)}`,
    `N=${name}`,
    `L=${app.libraries.map((path) => join(root, path)).join(":")}`,
  ];
  const make = (...args) =>
    ["make", "--no-print-directory", "-s", "-C", join(root, project.core), ...words, ...args].join(
      " ",
    );
  const defconfig = `UK_DEFCONFIG=${optionsFile(options, app, variant)} defconfig`;
  const first = `mkdir -p ${join(root, "make")}`;
  const all = make(`-j${jobs}`);
  if (style === "make") {
    return [first, ...(configures ? [make(defconfig)] : []), all].join(" && ");
  }
  // Source: kraftkit.md §3.7.
  const calls = [
    make(`${out}/Makefile`),
    make("-n", defconfig),
    make(defconfig),
    make(`-j${jobs}`, "prepare"),
    make("-n"),
    all,
  ];
  return [first, ...calls].join(" && ");
}
