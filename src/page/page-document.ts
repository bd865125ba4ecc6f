// The page as a document: what was bundled, with data in it or without. Knows no server.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import type { OpenedPage } from "./open-graph.ts";
import type { PageData } from "./page-data.ts";

/** The page without data, as scripts/build.mjs leaves it beside the program. */
export function readPageDocument(): string {
  return readFileSync(new URL("./page.html", import.meta.url), "utf8");
}

/** The page of `opened` as a document that needs no server and no other file. */
export function selfContainedPage({ data, detailOf }: OpenedPage, document: string): string {
  const details = Object.fromEntries(
    data.graph.nodes.flatMap(({ id }) => {
      const detail = detailOf(id);
      return detail === undefined ? [] : [[id, detail]];
    }),
  );
  return withData({ ...data, details }, document);
}

/** Compressed: commands of objects are long, and much the same. */
function withData(data: PageData, document: string): string {
  const packed = gzipSync(JSON.stringify(data), { level: 9 }).toString("base64");
  const [before, after] = document.split(placeOfData);
  if (before === undefined || after === undefined) throw new Error("bug: no place for data");
  return `${before}<script id="data" type="application/octet-stream">${packed}</script>${after}`;
}

/** What scripts/build.mjs leaves where data belongs. */
const placeOfData = "<!--data-->";
