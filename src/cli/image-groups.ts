// Which images go together under one name, and which of their platforms.

import { FormatError } from "../format/format-error.ts";
import { readImageConfig } from "../registry/image-config.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { suits } from "../registry/platform-choice.ts";
import { formatReference, parseReference } from "../registry/reference.ts";
import type { SourceImage } from "../registry/remake-image.ts";
import { imagesIn } from "./boot-files.ts";
import type { BuiltImage } from "./built-images.ts";
import type { KraftContext } from "./context.ts";
import { type ImageWords, platformOf } from "./image-words.ts";
import { nameIn } from "./layout-image.ts";

/** Images that are packaged as one. */
export interface ImageGroup {
  /** In full. */
  readonly name: string;
  readonly images: readonly SourceImage[];
  /** Of the targets that they are of. */
  readonly labels: readonly string[];
}

type Choice = Pick<ImageWords, "platform" | "architecture" | "kconfig" | "name">;

/**
 * What `words` want of `images`, under the name they give, or else those of each package under the
 * name that it states. Throws a FormatError where packages would get into each other's way.
 */
export function groupsOf(
  images: readonly BuiltImage[],
  words: Choice,
  host: KraftContext["host"],
): readonly ImageGroup[] {
  const wanted = images.filter((one) => wantedOf([one], words, host).length > 0);
  if (wanted.length === 0) chosenImages(images, words, host); // It says why.
  if (words.name !== undefined) checkApart(words.name, wanted, { words, host });
  const keyOf = (one: BuiltImage) => (words.name === undefined ? one.packagePath : "");
  const groups = [...new Set(wanted.map(keyOf))].flatMap((key) => {
    const own = wanted.filter((one) => keyOf(one) === key);
    const name = own[0] === undefined ? "" : (words.name ?? nameIn(own[0]));
    return {
      name: formatReference(parseReference(name, "kraft")),
      images: wantedOf(own, words, host),
      labels: [...new Set(own.map(({ label }) => label))].sort(),
    };
  });
  const twice = groups.find(({ name }, i) => groups.findIndex((one) => one.name === name) !== i);
  if (twice === undefined) return groups;
  const labels = groups.filter(({ name }) => name === twice.name).flatMap((one) => one.labels);
  const both = labels.join(" and ");
  const way = "package them one at a time, with --name";
  throw new FormatError(twice.name, `is what ${both} are called alike: ${way}`);
}

/** What `words` want of `images`, or all. Throws a FormatError when that is nothing. */
export function chosenImages(
  images: readonly StoredImage[],
  words: Choice,
  host: KraftContext["host"],
): readonly SourceImage[] {
  const found = wantedOf(images, words, host);
  if (found.length > 0) return found;
  const names = images.map(({ reference }) => reference).join(" ");
  const platform = platformOf(words, host);
  throw new FormatError(names, `has nothing for ${platform.os}/${platform.architecture}`);
}

/** Each once, as a target and the package that it is of have the same. */
function wantedOf(
  images: readonly StoredImage[],
  words: Choice,
  host: KraftContext["host"],
): readonly SourceImage[] {
  const platform = platformOf(words, host);
  const isAny = words.platform === undefined && words.architecture === undefined;
  const found = new Map<string, SourceImage>();
  for (const image of images) {
    const { blobs, isForeign } = image;
    for (const manifest of imagesIn(image)) {
      const own = platformIn(manifest.content, image);
      const os = words.platform === undefined ? own.os : platform.os;
      const offered = { ...own, features: own["os.features"] ?? [] };
      if (!isAny && !suits(offered, { ...platform, os })) continue;
      const source = { manifest, blobs, ...(isForeign && { isForeign }) };
      found.set(manifest.descriptor.digest, source);
    }
  }
  return [...found.values()];
}

function platformIn(content: SourceImage["manifest"]["content"], { blobs }: StoredImage) {
  if (content.kind === "index") throw new Error("bug: an index is for no platform");
  return readImageConfig(blobs, content.config.digest).platform;
}

/** Who asks for the image of a platform gets one: of two apps, the other would be lost. */
function checkApart(
  name: string,
  images: readonly BuiltImage[],
  { words, host }: { readonly words: Choice; readonly host: KraftContext["host"] },
): void {
  const owners = new Map<string, BuiltImage>();
  for (const image of images) {
    for (const { manifest } of wantedOf([image], words, host)) {
      const { os, architecture } = platformIn(manifest.content, image);
      const key = `${os}/${architecture}`;
      const owner = owners.get(key) ?? image;
      owners.set(key, owner);
      if (owner.packagePath === image.packagePath) continue;
      const both = `${owner.label} and ${image.label}`;
      const way = "leave --name out, and each package gets its own";
      throw new FormatError(name, `cannot be both ${both} for ${key}: ${way}`);
    }
  }
}
