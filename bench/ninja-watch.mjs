// What people put together in place of a watch: chokidar wakes ninja. Says "done" after each build.
//
// Usage: node bench/ninja-watch.mjs  (in the directory of a build.ninja)

import { spawn } from "node:child_process";
import { watch } from "chokidar";

let isRunning = false;
let isStale = false;

function build() {
  isStale = isRunning;
  if (isRunning) return;
  isRunning = true;
  const ninja = spawn("ninja", ["--quiet"], { stdio: ["ignore", "ignore", "inherit"] });
  ninja.once("close", () => {
    isRunning = false;
    console.log("done");
    if (isStale) build();
  });
}

watch(".", { ignored: /^\.(kraft|ninja)/, ignoreInitial: true })
  .on("ready", build)
  .on("change", build);
