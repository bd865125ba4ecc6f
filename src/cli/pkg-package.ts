// Targets, or images that there are, → an image under a name.

import { resolve } from "node:path";

import { build } from "../engine/build.ts";
import { FormatError } from "../format/format-error.ts";
import type { Descriptor } from "../format/image-config.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { blobsIn, readStored } from "../registry/layout.ts";
import { suits } from "../registry/platform-choice.ts";
import { readImageConfig } from "../registry/image-config.ts";
import { formatReference, parseReference } from "../registry/reference.ts";
import { remakeImages, type SourceImage } from "../registry/remake-image.ts";
import { imagesIn } from "./boot-files.ts";
import { builtImages, packagePatterns } from "./built-images.ts";
import type { exitCodes } from "./context.ts";
import { type ImagePlace, withImages } from "./image-place.ts";
import { type ImageWords, platformOf } from "./image-words.ts";
import { imageWordOf } from "./image-word.ts";
import { createdOf } from "./image-time.ts";
import { imageOfLayout, nameIn } from "./layout-image.ts";
import { settledStrategy, strategyProblem } from "./name-conflict.ts";
import { obtainImage } from "./pkg-pull-image.ts";
import type { PkgPlace } from "./pkg-place.ts";
import { pushStored } from "./pkg-push.ts";
import { type Origin, pushStatements, statementsOn } from "./pkg-statements.ts";
import { withReporting } from "./reporting.ts";

type ExitName = keyof typeof exitCodes;

/** `kraft-graph pkg TARGET…`: builds them, and packages what came of it under one name. */
export async function packageTargets(
  targets: readonly string[],
  words: ImageWords,
  place: PkgPlace,
): Promise<ExitName> {
  const { request, context, repository } = place;
  const { engine, signal, stderr } = context;
  const { settings } = repository;
  const isOffline = settings.values["sources.offline"].value;
  const problem = problemOf(words, { context, isOffline });
  if (problem !== undefined) return refused(problem, context);
  const patterns = packagePatterns(targets, words, place);
  const result = await withReporting(
    { context, events: undefined, explain: false, isQuiet: words.isQuiet },
    (listen) =>
      build({
        ...request,
        engine,
        tellsCommands: false,
        signal,
        choice: { patterns, platform: undefined, architecture: undefined, name: undefined },
        leavesOutputs: true,
        listen,
      }),
  );
  if (result.kind !== "built") return result.kind;
  const { insecure, isQuiet } = words;
  return withImages({ settings, context, insecure, isQuiet }, async (images) => {
    const { temporaryPath } = images;
    const found = await builtImages(result, words, {
      temporaryPath,
      ...createdOf(context),
      signal,
    });
    if (found.length === 0) {
      stderr.write(`error: ${targets.join(" ")} cannot be packaged\n`);
      return "refused";
    }
    const origin = { kind: "targets", patterns, place } as const;
    const { value } = settings.values["build.compressLayers"];
    // What nobody asked to be otherwise stays as it is, as layers from registries do.
    const compress = words.compress ?? (value === "none" ? undefined : value);
    return packageImages(found, { ...words, compress }, { ...images, origin });
  });
}

/** `kraft-graph pkg IMAGE… --name NAME`: other files, arguments or tools for what is built already. */
export async function repackage(
  names: readonly string[],
  words: ImageWords,
  place: ImagePlace,
): Promise<ExitName> {
  const problem =
    problemOf(words, place) ??
    (words.name === undefined ? "say with --name what the new image is called" : undefined);
  if (problem !== undefined) return refused(problem, place.context);
  const { workingDirectory } = place.context.host;
  const images: StoredImage[] = [];
  for (const name of names) {
    const word = imageWordOf(name, workingDirectory);
    const isLayout = word?.kind === "layout";
    images.push(isLayout ? imageOfLayout(word.path) : await obtainImage(name, words, place));
  }
  return packageImages(images, words, { ...place, origin: { kind: "images", images } });
}

/** Why `words` cannot be carried out, told before anything is built or pulled; undefined: they can. */
function problemOf(
  words: ImageWords,
  { context, isOffline }: Pick<ImagePlace, "context" | "isOffline">,
): string | undefined {
  if (words.push && isOffline) return "nothing can be pushed, as sources.offline is set";
  const isStated = words.sbom || words.provenance || words.signKey !== undefined;
  if (isStated && !words.push) return "--sbom, --provenance and --sign-key go with --push";
  return strategyProblem(words, context);
}

function refused(reason: string, { stderr }: Pick<ImagePlace["context"], "stderr">): ExitName {
  stderr.write(`error: pkg: ${reason}\n`);
  return "refused";
}

async function packageImages(
  found: readonly StoredImage[],
  words: ImageWords,
  place: ImagePlace & { readonly origin: Origin },
): Promise<ExitName> {
  const { store, context, temporaryPath } = place;
  const { host, stdout, stderr, signal } = context;
  const [first] = found;
  if (first === undefined) throw new Error("bug: there is nothing to package");
  const { compress = "none" } = words;
  if (compress !== "none" && words.as !== "urunc") {
    stderr.write("note: KraftKit unpacks no layers that are packed; tools for containers do\n");
  }
  const reference = parseReference(words.name ?? nameIn(first), "kraft");
  const name = formatReference(reference);
  const before = store.find(name);
  const strategy = before === undefined ? "overwrite" : await settledStrategy(name, words, context);
  const directory = temporaryPath();
  const root = await remakeImages(
    {
      images: chosenFrom(found, words, place),
      reference,
      as: words.as,
      ...(words.args.length > 0 && { args: words.args }),
      env: words.env.map((one) => (one.includes("=") ? one : `${one}=${host.env[one] ?? ""}`)),
      labels: labelsOf(words.labels),
      ...(words.rootfs !== undefined && { initrd: resolve(host.workingDirectory, words.rootfs) }),
      ...createdOf(context),
      ...(words.compress !== undefined && { packing: words.compress }),
      hasAliases: words.hasAliases,
      others: strategy === "merge" && before !== undefined ? entriesOf(before) : [],
      otherBlobs: store.blobs,
    },
    { directory, temporaryPath, searchPath: host.env["PATH"] ?? "", signal },
  );
  await store.put({ reference: name, root, blobs: blobsIn(directory) });
  const image = { reference: name, root, blobs: store.blobs };
  if (words.push) {
    const said = { ...words, strategy };
    const statements = await statementsOn(image, { words: said, origin: place.origin, place });
    if (statements === undefined) return "refused";
    await pushStored(image, name, place);
    await pushStatements(statements, image, place);
  } else stdout.write(`${name} ${root.digest}\n`);
  return "ok";
}

/** What images there are for the platform that is wanted, or all. */
function chosenFrom(
  found: readonly StoredImage[],
  words: ImageWords,
  { context }: ImagePlace,
): readonly SourceImage[] {
  const all = found.flatMap((image) => {
    return imagesIn(image).map((manifest) => ({ manifest, blobs: image.blobs }));
  });
  if (words.platform === undefined && words.architecture === undefined) return all;
  const platform = platformOf(words, context.host);
  const wanted = all.filter(({ manifest: { content }, blobs }) => {
    if (content.kind === "index") return false;
    const { platform: own } = readImageConfig(blobs(content.config.digest));
    const os = words.platform === undefined ? own.os : platform.os;
    return suits({ ...own, features: own["os.features"] ?? [] }, { ...platform, os });
  });
  if (wanted.length > 0) return wanted;
  const names = found.map(({ reference }) => reference).join(" ");
  throw new FormatError(names, `has nothing for ${platform.os}/${platform.architecture}`);
}

function entriesOf({ root, blobs }: StoredImage): readonly Descriptor[] {
  const { content, bytes } = readStored(blobs, root);
  if (content.kind === "image") return [];
  const { manifests } = JSON.parse(bytes.toString("utf8")) as { manifests: Descriptor[] };
  return manifests;
}

function labelsOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name = word, value = ""] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
      return [name, value];
    }),
  );
}
