// Pages in the real Chromium. Knows no test.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, onTestFinished } from "vitest";

import { PageSession } from "../../src/page/page-session.ts";
import type { PageData } from "../../src/page/page-data.ts";
import { selfContainedPage } from "../../src/page/page-document.ts";
import { servePage } from "../../src/page/page-server.ts";
import { programFile } from "../e2e/rig.ts";
import { buildRig, builtIn, hostIn } from "../engine/build-rig.ts";

const executable = "/usr/bin/chromium";

/** Whether there is a browser to try pages in. */
export const hasChromium = existsSync(executable);

/** Kept as an artifact of CI; git passes it over. */
const screenshots = fileURLToPath(new URL("../../test-results/page", import.meta.url));

/** Nothing on a page takes longer, however busy the machine is. */
const deadlineMs = 45_000;

let browser: Promise<Browser> | undefined;

afterAll(async () => (await browser)?.close());

/** A window of the one browser that all tests of a file share. */
async function openWindow(how: BrowserContextOptions = {}): Promise<Page> {
  browser ??= chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
  const opened = await browser;
  const context = await opened.newContext({ viewport: { width: 1280, height: 800 }, ...how });
  context.setDefaultTimeout(deadlineMs);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.on("pageerror", (error) => {
    throw error;
  });
  return page;
}

/** The page as builds of the program have it. */
function pageDocument(): string {
  return readFileSync(join(dirname(programFile()), "page.html"), "utf8");
}

/** Shows `data` on a page that has no server. */
export async function openData(data: PageData, how?: BrowserContextOptions): Promise<Page> {
  const { root, write } = buildRig();
  write("page.html", selfContainedPage({ root, data, detailOf: () => undefined }, pageDocument()));
  const page = await openWindow(how);
  await page.goto(`file://${root}/page.html`);
  await page.locator("canvas").waitFor();
  return page;
}

/** Serves a workspace of `files` as `ui` does, and opens it. */
export async function openLive(
  files: Readonly<Record<string, string>>,
  how?: BrowserContextOptions,
) {
  const { root, write } = buildRig(files);
  const session = new PageSession({
    host: hostIn(root),
    builtIn,
    flags: [{ name: "--sandbox", key: "build.sandbox", text: "links" }],
    choice: { patterns: ["//..."] },
    engine: { version: "1.2.3", buildId: "test" },
    listen: () => undefined,
    signal: new AbortController().signal,
  });
  const server = await servePage({ session, document: pageDocument(), port: 0 });
  onTestFinished(async () => {
    await session.close();
    await server.close();
  });
  const page = await openWindow(how);
  await page.goto(server.url);
  await page.locator("canvas").waitFor();
  return { page, root, write };
}

/** Keeps what `page` looks like, once it has painted what it knows. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  await painted(page);
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}

/** Waits until `page` has drawn what it was last told. */
export async function painted(page: Page): Promise<void> {
  const twoFrames = "requestAnimationFrame(() => requestAnimationFrame(() => resolve()))";
  await page.evaluate(`new Promise((resolve) => { ${twoFrames}; })`);
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds wrong with `page`: rule and element. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: {
        run: () => Promise<{
          violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
        }>;
      };
    };
    const { violations } = await checker.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 120)} ${failureSummary}`),
    );
  });
}

/** A pipe: an action that reads from it runs until somebody writes. */
export function newPipe(path: string): string {
  execFileSync("mkfifo", [path]);
  return path;
}
