// The manifest of a Solo5 application: which devices it has. Stricter than solo5-elftool, which
// takes two devices of one name, and makes C of unknown types that does not compile.
//
// Source: Solo5, elftool/elftool.c, include/mft_abi.h.

import {
  type Report,
  type Solo5Device,
  type Source,
  type Span,
  didYouMean,
} from "../../../src/index.ts";
import { type JsonMember, type JsonValue, parseJson } from "./json.ts";

/** The devices that `source` declares, in its order. Mistakes are reported; then undefined. */
export function readManifest(source: Source, report: Report): readonly Solo5Device[] | undefined {
  const reader = new ManifestReader(report);
  const root = parseJson(source, report);
  const devices = root && reader.manifest(root);
  return reader.isSound ? devices : undefined;
}

/** `devices` as a manifest: the same devices give the same bytes. */
export function formatManifest(devices: readonly Solo5Device[]): string {
  const entries = devices.map(({ name, type }) => ({ name, type: typeNames[type] }));
  return `${JSON.stringify({ type: manifestType, version: 1, devices: entries }, undefined, 2)}\n`;
}

const manifestType = "solo5.manifest";
const typeNames = { block: "BLOCK_BASIC", net: "NET_BASIC" } as const;
const types: Readonly<Record<string, Solo5Device["type"]>> = {
  BLOCK_BASIC: "block",
  NET_BASIC: "net",
};
/** 64 entries, of which the first is Solo5's own. */
const mostDevices = 63;
const longestName = 67;

/** Members by key. */
type Members = ReadonlyMap<string, JsonMember>;

class ManifestReader {
  readonly #report: Report;
  isSound = true;

  constructor(report: Report) {
    this.#report = report;
  }

  manifest(root: JsonValue): readonly Solo5Device[] {
    const members = this.#members(root, "a manifest", ["type", "version", "devices"]);
    if (members === undefined) return [];
    const type = members.get("type")?.value;
    if (type !== undefined && !(type.kind === "string" && type.text === manifestType)) {
      this.#fail(`the type of a manifest is "${manifestType}"`, type.at);
    }
    const version = members.get("version")?.value;
    if (version !== undefined && !(version.kind === "number" && version.value === 1)) {
      this.#fail("this version of manifests is not known; it must be 1", version.at);
    }
    const devices = members.get("devices")?.value;
    if (devices === undefined) return [];
    if (devices.kind === "array") return this.#devices(devices.items, devices.at);
    this.#fail("`devices` must be a list", devices.at);
    return [];
  }

  #devices(items: readonly JsonValue[], at: Span): readonly Solo5Device[] {
    if (items.length > mostDevices) {
      this.#fail(`there are ${items.length} devices, and Solo5 takes ${mostDevices}`, at);
    }
    const places = new Map<string, Span>();
    return items.flatMap((item) => {
      const members = this.#members(item, "a device", ["name", "type"]);
      const name = members?.get("name")?.value;
      const type = members?.get("type")?.value;
      const [found, kind] = [name && this.#name(name, places), type && this.#type(type)];
      return found === undefined || kind === undefined ? [] : [{ name: found, type: kind }];
    });
  }

  #name(value: JsonValue, places: Map<string, Span>): string | undefined {
    const { at } = value;
    if (value.kind !== "string") return this.#fail("the name of a device must be a string", at);
    const { text } = value;
    if (!/^[A-Za-z0-9]+$/.test(text) || text.length > longestName) {
      const message = `"${text}" cannot be the name of a device: 1 to ${longestName} letters and digits`;
      return this.#fail(message, at);
    }
    const earlier = places.get(text);
    if (earlier === undefined) places.set(text, at);
    else {
      const related = [{ message: "first here", at: earlier }];
      this.#fail(`two devices are called "${text}"`, at, { related });
    }
    return text;
  }

  #type(value: JsonValue): Solo5Device["type"] | undefined {
    const text = value.kind === "string" ? value.text : "";
    const known = Object.hasOwn(types, text) ? types[text] : undefined;
    if (known !== undefined) return known;
    const names = Object.keys(types);
    const help = didYouMean(text, names);
    return this.#fail(`the type of a device is one of ${names.join(", ")}`, value.at, help);
  }

  /** All of `keys` are there when it is not reported that one is missing. */
  #members(value: JsonValue, what: string, keys: readonly string[]): Members | undefined {
    if (value.kind !== "object") {
      return this.#fail(`${what} is an object with ${keys.join(", ")}`, value.at);
    }
    const members = new Map<string, JsonMember>();
    for (const member of value.members) {
      const { key, keyAt } = member;
      const earlier = members.get(key);
      if (!keys.includes(key)) {
        this.#fail(`${what} has no key "${key}"`, keyAt, didYouMean(key, keys));
      } else if (earlier !== undefined) {
        const related = [{ message: "first here", at: earlier.keyAt }];
        this.#fail(`"${key}" is here twice`, keyAt, { related });
      } else members.set(key, member);
    }
    const missing = keys.filter((key) => !members.has(key));
    if (missing.length > 0) this.#fail(`${what} needs ${missing.join(", ")}`, value.at);
    return members;
  }

  #fail(
    message: string,
    at: Span,
    more: Pick<Parameters<Report>[0], "help" | "related"> = {},
  ): undefined {
    this.isSound = false;
    this.#report({ severity: "error", code: "bad-manifest", message, at, ...more });
    return undefined;
  }
}
