// Bazel's client on the graph of a row, against the cache that the row has. Measures nothing.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { bazelFiles, writeFile, writeSources } from "./layered-graph.mjs";

/** Whether the machine has it. */
export function hasBazel() {
  return spawnSync("bazel", ["--help"], { cwd: "/", stdio: "ignore" }).error === undefined;
}

/** A workspace of `nodes` in `place`, and the client in it. */
export class BazelClient {
  #place;
  #isFilled = false;

  constructor(place, nodes) {
    this.#place = place;
    mkdirSync(place, { recursive: true });
    const root = join(place, "work");
    writeSources(root, nodes);
    for (const [path, text] of bazelFiles(nodes)) writeFile(root, path, text);
  }

  get directory() {
    return join(this.#place, "work");
  }

  env() {
    return { PATH: process.env.PATH ?? "", HOME: this.#place };
  }

  /** Leaves all results at `address`, and none here. */
  prepare(address) {
    if (!this.#isFilled) this.#run([...this.argv(address), "--remote_upload_local_results=true"]);
    this.#isFilled = true;
    this.#run([...this.#startup(), "clean"]);
  }

  /** In one process, as the engine is: no server that knows the graph from before. */
  argv(address) {
    const words = ["build", "//...", `--remote_cache=${address}`, "--remote_download_minimal"];
    return [...this.#startup(), ...words, "--spawn_strategy=local", "--noshow_progress"];
  }

  #startup() {
    const places = [`--output_user_root=${join(this.#place, "cache")}`];
    return ["bazel", "--batch", "--nohome_rc", "--noworkspace_rc", ...places];
  }

  #run([program, ...words]) {
    execFileSync(program, words, { cwd: this.directory, env: this.env(), stdio: "ignore" });
  }
}
