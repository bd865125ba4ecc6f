// Moves a large graph on the page, and writes how long that took, in milliseconds.
// Usage: node page-program.mjs COUNT PAGE FILE

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const [count = "0", document = "", file = ""] = process.argv.slice(2);
const frames = 60;

const shown = join(dirname(file), "shown.html");
const packed = gzipSync(JSON.stringify(dataOf(Number(count)))).toString("base64");
const data = `<script id="data" type="application/octet-stream">${packed}</script>`;
writeFileSync(
  shown,
  readFileSync(document, "utf8").replace("<!--data-->", () => data),
);

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const start = performance.now();
  await page.goto(pathToFileURL(shown).href);
  await page.locator("canvas").waitFor();
  await page.evaluate(
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
  );
  const open = performance.now() - start;
  const whole = await frameOf(page, 2);
  for (let turn = 0; turn < 12; turn++) await page.mouse.wheel(0, -200);
  const near = await frameOf(page, 12);
  writeFileSync(file, JSON.stringify({ frame: Math.max(whole, near), whole, near, open }));
} finally {
  await browser.close();
}

/** The median time of a frame while a finger drags the picture, in the page itself. */
function frameOf(page, step) {
  return page.evaluate(
    `new Promise((done) => {
      const canvas = document.querySelector("canvas");
      const tell = (type, x) => canvas.dispatchEvent(new PointerEvent(type, {
        pointerId: 1, clientX: x, clientY: 400, bubbles: true,
      }));
      canvas.setPointerCapture = () => undefined;
      const times = [];
      let before = performance.now();
      let x = 640;
      tell("pointerdown", x);
      const next = () => {
        const now = performance.now();
        times.push(now - before);
        before = now;
        if (times.length > ${frames}) {
          tell("pointerup", x);
          done(times.slice(1).sort((a, b) => a - b)[${frames / 2}]);
          return;
        }
        x += times.length % 20 < 10 ? ${step} : -${step};
        tell("pointermove", x);
        requestAnimationFrame(next);
      };
      requestAnimationFrame(next);
    })`,
  );
}

/** Targets with four actions each, which need those of up to three targets before them. */
function dataOf(size) {
  const nodes = [];
  const edges = [];
  for (let at = 0; at < size; at++) {
    const target = Math.floor(at / 5);
    const owner = `//p${Math.floor(target / 10)}:t${target}`;
    const packageName = `p${Math.floor(target / 10)}`;
    if (at % 5 === 0) {
      const name = `t${target}`;
      nodes.push({ id: owner, group: "target", kind: "exec rule", name, package: packageName });
      for (const step of [1, 7, 31]) {
        if (target % step === 0 && target >= step) edges.push(at, at - 5 * step);
      }
      continue;
    }
    const name = `t${target}/file-${at}.o`;
    nodes.push({ id: name, group: "action", kind: "CC action", name, package: packageName, owner });
    edges.push(at - (at % 5), at);
    if (at >= 10) edges.push(at, at - 5);
  }
  const graph = { nodes, edges, unknownOf: [] };
  const about = { version: 1, title: "//...", workspace: "made-up", isLive: false };
  return { ...about, graph, builds: [], lastActions: [], details: {} };
}
