// Targets, or images that there are, → an image under a name.

import { resolve } from "node:path";

import { build } from "../engine/build.ts";
import type { Descriptor } from "../format/image-config.ts";
import type { StoredImage } from "../registry/image-store.ts";
import { blobsIn, readStored } from "../registry/layout.ts";
import { formatReference, parseReference } from "../registry/reference.ts";
import { remakeImages } from "../registry/remake-image.ts";
import { builtImages, packagePatterns } from "./built-images.ts";
import type { exitCodes } from "./context.ts";
import { type ImagePlace, withImages } from "./image-place.ts";
import { chosenImages, groupsOf, type ImageGroup } from "./image-groups.ts";
import type { ImageWords } from "./image-words.ts";
import { imageWordOf } from "./image-word.ts";
import { createdOf } from "./image-time.ts";
import { imageOfLayout } from "./layout-image.ts";
import { settledStrategy, strategyProblem } from "./name-conflict.ts";
import { exportImage } from "./pkg-export.ts";
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
    const groups = groupsOf(found, words, context.host);
    if (groups.length > 1 && words.saveTo !== undefined) {
      const names = groups.map(({ name }) => name).join(" ");
      return refused(`--output takes one image, and these are ${names}`, context);
    }
    const { value } = settings.values["build.compressLayers"];
    // What nobody asked to be otherwise stays as it is, as layers from registries do.
    const compress = words.compress ?? (value === "none" ? undefined : value);
    for (const group of groups) {
      const own = groups.length === 1 ? patterns : group.labels;
      const origin = { kind: "targets", patterns: own, place } as const;
      const ending = await packageImages(group, { ...words, compress }, { ...images, origin });
      if (ending !== "ok") return ending;
    }
    return "ok";
  });
}

/** `kraft-graph pkg IMAGE… --name NAME`: other files, arguments or tools for what is built already. */
export async function repackage(
  names: readonly string[],
  words: ImageWords,
  place: ImagePlace,
): Promise<ExitName> {
  const problem = problemOf(words, place);
  if (problem !== undefined) return refused(problem, place.context);
  if (words.name === undefined) {
    return refused("say with --name what the new image is called", place.context);
  }
  const { workingDirectory } = place.context.host;
  const images: StoredImage[] = [];
  for (const name of names) {
    const word = imageWordOf(name, workingDirectory);
    const isLayout = word?.kind === "layout";
    const found = isLayout
      ? ({ ...imageOfLayout(word.path), isForeign: true } as const)
      : await obtainImage(name, words, place);
    images.push(found);
  }
  const name = formatReference(parseReference(words.name, "kraft"));
  const group = { name, images: chosenImages(images, words, place.context.host) };
  return packageImages(group, words, { ...place, origin: { kind: "images", images } });
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
  { name, images }: Pick<ImageGroup, "name" | "images">,
  words: ImageWords,
  place: ImagePlace & { readonly origin: Origin },
): Promise<ExitName> {
  const { store, context, temporaryPath } = place;
  const { host, stdout, stderr, signal } = context;
  const { compress = "none" } = words;
  if (compress !== "none" && words.as !== "urunc") {
    stderr.write("note: KraftKit unpacks no layers that are packed; tools for containers do\n");
  }
  const reference = parseReference(name, "kraft");
  const before = store.find(name);
  const strategy = before === undefined ? "overwrite" : await settledStrategy(name, words, context);
  const directory = temporaryPath();
  const root = await remakeImages(
    {
      images,
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
  const { saveTo } = words;
  if (saveTo !== undefined) await exportImage(image, { ...words, saveTo }, place);
  if (words.push) {
    const said = { ...words, strategy };
    const statements = await statementsOn(image, { words: said, origin: place.origin, place });
    if (statements === undefined) return "refused";
    await pushStored(image, name, place);
    await pushStatements(statements, image, place);
  } else stdout.write(`${name} ${root.digest}\n`);
  return "ok";
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
