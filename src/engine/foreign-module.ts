// Modules of users, which may import this engine wherever it is installed. Knows no rule set.

import { register } from "node:module";
import { pathToFileURL } from "node:url";

import type { Digest } from "../digest/digest.ts";

/**
 * The module in the file at the absolute path `path`, whose code has the digest `code`. What it
 * imports as `kraft-graph/rules` is this engine, and not a copy in its workspace: errors of the
 * copy's classes would be strangers here.
 */
export async function loadForeign(path: string, code: Digest): Promise<unknown> {
  if (!isRegistered) register(resolverOf(interfaceUrl));
  isRegistered = true;
  // By its code, as Node keeps every module that it has loaded.
  return import(`${pathToFileURL(path).href}?${code.slice(0, 16)}`);
}

/** Of this process, as Node has one way to find modules. */
let isRegistered = false;

/** All files of the bundle lie side by side. */
const interfaceUrl = new URL("./index.js", import.meta.url).href;

function resolverOf(interfaceUrl: string): string {
  const code = `export const resolve = (name, context, next) =>
    /^kraft-graph(\\/rules)?$/.test(name)
      ? { url: ${JSON.stringify(interfaceUrl)}, shortCircuit: true }
      : next(name, context);`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
