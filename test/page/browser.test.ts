import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdtempSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";

import { removeTree } from "../../src/sandbox/remove-tree.ts";
import {
  hasChromium,
  keepScreenshot,
  newPipe,
  openData,
  openLive,
  painted,
  violationsOf,
} from "./browser-rig.ts";
import { madeUpGraph } from "./made-up-graph.ts";

const files = {
  "kraft.workspace.yaml": "version: 1\nname: w\nrules: [generic]\n",
  "lib/kraft.build.yaml": `targets:
  - {name: base, rule: exec, srcs: [in.txt], outs: [b], command: cp $SRCS $OUT}
  - {name: other, rule: exec, outs: [o], command: 'echo other > $OUT'}
`,
  "lib/in.txt": "one\n",
  "app/kraft.build.yaml": `targets:
  - {name: page, rule: exec, srcs: ["//lib:base"], outs: [p], command: 'sed s/one/two/ $SRCS > $OUT', tools: [sed]}
  - {name: both, rule: group, targets: [":page", "//lib:other"]}
`,
};

const canvas = (page: Page) => page.locator("canvas");
const shownNodes = async (page: Page): Promise<number> => {
  const label = (await canvas(page).getAttribute("aria-label")) ?? "";
  return Number(/Graph of ([\d,]+) node/.exec(label)?.[1]?.replaceAll(",", ""));
};
const detail = (page: Page) => page.getByRole("complementary", { name: "Selected node" });
const tab = (page: Page, name: string) => page.getByRole("tab", { name });

const rowOf = (page: Page, name: string, state: string) =>
  page.locator("tr", { hasText: name, has: page.getByText(state, { exact: true }) });

/** Has the page build, and waits until it says how that ended. */
async function build(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await page.getByText(/^(?:built|failed) in /).waitFor();
}

describe.skipIf(!hasChromium)("in Chromium, which is not installed everywhere,", () => {
  test("a search lists what it finds, and Enter shows the first with all that is known", async () => {
    const { page } = await openLive(files);
    await page.keyboard.press("/");
    await page.keyboard.type("page");
    await page.getByText(/^\d+ found$/).waitFor();
    const names = await page.getByRole("option").allTextContents();
    expect(names.length).toBeGreaterThan(0);
    expect(names.every((one) => one.includes("page"))).toBe(true);
    await keepScreenshot(page, "search");
    await page.keyboard.press("Enter");
    await detail(page).waitFor();
    await tab(page, "Nodes").click();
    await page
      .getByRole("button", { name: "app/page/p" })
      .or(page.getByTitle(/app\/page\/p$/))
      .first()
      .click();
    await detail(page).getByText("sed s/one/two/").waitFor();
    await keepScreenshot(page, "detail");
  });

  test("the cone of a node is it, what it needs and what needs it; Escape shows all again", async () => {
    const { page } = await openLive(files);
    const all = await shownNodes(page);
    await page.keyboard.press("/");
    await page.keyboard.type("lib other");
    await page.keyboard.press("Enter");
    await detail(page).getByRole("button", { name: "Show only its cone" }).click();
    await page.getByRole("button", { name: /^Cone of/ }).waitFor();
    const cone = await shownNodes(page);
    expect(cone).toBeLessThan(all);
    expect(cone).toBeGreaterThan(1);
    await keepScreenshot(page, "cone");
    await canvas(page).press("Escape");
    await page.getByRole("button", { name: /^Cone of/ }).waitFor({ state: "detached" });
    expect(await shownNodes(page)).toBe(all);
  });

  test("packages stand for what is in them, and a kind can be left out", async () => {
    const { page } = await openLive(files);
    const all = await shownNodes(page);
    await page.getByLabel("Packages").check();
    expect(await shownNodes(page)).toBe(2);
    await keepScreenshot(page, "packages");
    await page.getByLabel("Packages").uncheck();
    await page.locator("summary").click();
    await page.getByLabel(/^Exec action/).uncheck();
    expect(await shownNodes(page)).toBe(all - 3);
  });

  test("what runs, waits and is done is told while it happens", async () => {
    const place = mkdtempSync(join(tmpdir(), "kraft-page-"));
    onTestFinished(() => removeTree(place));
    const pipe = newPipe(join(place, "pipe"));
    const { page } = await openLive({
      ...files,
      "lib/kraft.build.yaml": files["lib/kraft.build.yaml"].replace(
        "cp $SRCS $OUT",
        `'read line < ${pipe}; cp $SRCS $OUT'`,
      ),
    });
    await page.getByRole("button", { name: "Build", exact: true }).click();
    await page.getByText("1 running").waitFor();
    await tab(page, "Nodes").click();
    await rowOf(page, "lib/base/b", "running").waitFor();
    await rowOf(page, "app/page/p", "waiting").waitFor();
    await tab(page, "Graph").click();
    await keepScreenshot(page, "building");
    expect(await page.getByRole("button", { name: "Stop", exact: true }).count()).toBe(1);
    const writer = await open(pipe, "w");
    await writer.write("go\n");
    await writer.close();
    await page.getByText(/^built in .*3 run/).waitFor();
    await tab(page, "Nodes").click();
    await rowOf(page, "app/page/p", "run").waitFor();
    await tab(page, "Graph").click();
    await keepScreenshot(page, "built");
  });

  test("a failure is told with its last lines, and what needed it was skipped", async () => {
    const { page } = await openLive({
      ...files,
      "lib/kraft.build.yaml": files["lib/kraft.build.yaml"].replace(
        "cp $SRCS $OUT",
        "'echo no such luck >&2; exit 3'",
      ),
    });
    await build(page);
    expect(await page.getByRole("status").first().textContent()).toContain("1 failed");
    await tab(page, "Nodes").click();
    await rowOf(page, "app/page/p", "skipped").waitFor();
    await rowOf(page, "lib/base/b", "failed").getByRole("button").click();
    const text = (await detail(page).textContent()) ?? "";
    expect(text).toContain("no such luck");
    expect(text).toContain("exit code 3");
    await tab(page, "Graph").click();
    await keepScreenshot(page, "failed");
    expect(await violationsOf(page)).toEqual([]);
  });

  test("the timeline has each action that ran, and the longest way through them", async () => {
    const { page } = await openLive(files);
    await build(page);
    await tab(page, "Timeline").click();
    const chart = page.getByRole("img", { name: /^3 actions in / });
    await chart.waitFor();
    const path = page.locator(".path-list li, ol li");
    const steps = await path.allTextContents();
    // The one that needs the other ended last; the third is on no way to it.
    expect(steps.length).toBeGreaterThanOrEqual(1);
    await keepScreenshot(page, "timeline");
    await chart.locator("rect").first().click();
    await detail(page).waitFor();
    await tab(page, "Builds").click();
    await page.getByRole("cell", { name: "built" }).waitFor();
    await keepScreenshot(page, "builds");
  });

  test("all of it works by keys alone", async () => {
    const { page } = await openLive(files);
    await canvas(page).focus();
    await page.keyboard.press("ArrowDown");
    await detail(page).waitFor();
    const first = await detail(page).getByRole("heading", { level: 2 }).textContent();
    await page.keyboard.press("ArrowLeft");
    await painted(page);
    const left = await detail(page).getByRole("heading", { level: 2 }).textContent();
    expect(left).not.toBe(first);
    await page.keyboard.press("ArrowRight");
    await painted(page);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^Cone of/ }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Cone of/ }).waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await detail(page).waitFor({ state: "detached" });
    await tab(page, "Graph").focus();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("table").waitFor();
    expect(await tab(page, "Nodes").getAttribute("aria-selected")).toBe("true");
  });

  test("a phone shows all of it without scrolling sideways", async () => {
    const { page } = await openLive(files, {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    await build(page);
    for (const name of ["Graph", "Nodes", "Timeline", "Builds"]) {
      await tab(page, name).tap();
      const width = await page.evaluate("document.documentElement.scrollWidth");
      expect(width, name).toBe(360);
      await keepScreenshot(page, `phone-${name.toLowerCase()}`);
    }
    await tab(page, "Nodes").tap();
    await page.locator("tr", { hasText: "app/page/p" }).getByRole("button").tap();
    await detail(page).waitFor();
    await keepScreenshot(page, "phone-detail");
    expect(await violationsOf(page)).toEqual([]);
    await detail(page).getByRole("button", { name: "Close" }).tap();
    await detail(page).waitFor({ state: "detached" });
  });

  test.each(["light", "dark"] as const)(
    "axe finds nothing wrong with the %s page",
    async (colorScheme) => {
      const { page } = await openLive(files, { colorScheme });
      await build(page);
      for (const name of ["Graph", "Nodes", "Timeline", "Builds"]) {
        await tab(page, name).click();
        await painted(page);
        expect(await violationsOf(page), name).toEqual([]);
        await keepScreenshot(page, `${colorScheme}-${name.toLowerCase()}`);
      }
      await page.keyboard.press("/");
      await page.keyboard.type("base");
      await page.getByRole("option").first().waitFor();
      expect(await violationsOf(page)).toEqual([]);
    },
  );

  test("5,000 nodes can be moved, zoomed, searched and looked at one by one", async () => {
    const page = await openData(madeUpGraph(5000));
    expect(await shownNodes(page)).toBe(5000);
    await keepScreenshot(page, "large");
    await page.mouse.move(640, 400);
    await page.mouse.down();
    for (let step = 1; step <= 20; step++) await page.mouse.move(640 + 5 * step, 400 + 3 * step);
    await page.mouse.up();
    for (let turn = 0; turn < 5; turn++) await page.mouse.wheel(0, -300);
    await painted(page);
    expect(await detail(page).count()).toBe(0);
    await page.keyboard.press("/");
    await page.keyboard.type("t999/file-4997");
    await page.keyboard.press("Enter");
    await detail(page).getByRole("heading", { name: "t999/file-4997.o" }).waitFor();
    await keepScreenshot(page, "large-near");
    await page.getByLabel("Packages").check();
    expect(await shownNodes(page)).toBe(100);
    await keepScreenshot(page, "large-packages");
  });

  test("a long chain and many layers can be read", async () => {
    const data = madeUpGraph(0);
    const nodes = Array.from({ length: 60 }, (_, at) => ({
      id: `//app:step-${at}`,
      group: "target" as const,
      kind: "exec rule",
      name: `step-${at}`,
      package: "app",
    }));
    const edges = nodes.flatMap((_, at) => (at === 0 ? [] : [at, at - 1, at, Math.max(0, at - 9)]));
    const page = await openData(
      { ...data, graph: { nodes, edges, unknownOf: [] } },
      { colorScheme: "dark" },
    );
    expect(await shownNodes(page)).toBe(60);
    await keepScreenshot(page, "chain");
  });
});
