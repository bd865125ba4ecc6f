import { Command, Option } from "clipanion";

import { exitCodes, type KraftContext } from "./context.ts";
import { openForCommand } from "./open-for-command.ts";
import type { ImageWords } from "./image-words.ts";
import { offering, wordOption } from "./option-values.ts";
import { reportOptions } from "./report-options.ts";
import { type PkgOutput, pkgOutputOf } from "./image-output.ts";
import { outputUseOf, readingVerbs, verbOf } from "./pkg-verbs.ts";
import type { Repository, RepositoryRequest } from "../engine/repository.ts";
import { flagsOf } from "./build-flags.ts";
import {
  choiceOptions,
  repositoryRequest,
  sourceOptions,
  workspaceOptions,
} from "./target-options.ts";

/** `kraft-graph pkg TARGET…`, and `pkg VERB …`. */
export class PkgCommand extends Command<KraftContext> {
  static override paths = [["pkg"]];
  static override usage = Command.Usage({
    category: "Workspace",
    description: "package targets as images, push and pull them; list and fetch components",
    details: `
      \`pkg TARGET…\` builds targets and packages them as one image of all platforms, for KraftKit,
      for urunc, or for both; \`--push\` sends it to its registry. Of images, \`pull\` brings one
      here, \`push\` sends one, \`ls --apps\` lists those of this machine, \`info\` describes them,
      \`verify\` checks who signed how it was built, \`export\` writes one for other tools, \`rm\` forgets names, and \`prune\` removes what no
      image has any more. A name that begins with a host, as in \`unikraft.org/nginx:1.25\`, or
      with \`oci://\`, is an image's.

      \`ls\` lists the components that packages name; with \`--all\`, what manifest indexes offer.
      \`info\` says of components where they come from and who uses them. \`update\` fetches the
      indexes that \`sources.manifests\` names, and says what changed. \`source\` adds an index to
      kraft.workspace.yaml, or lists all; \`unsource\` removes one. \`pull\` fetches what components
      or targets take, also what libraries of targets download themselves, so that they can be
      built \`--offline\`. \`rm\` forgets components: their
      pins, and what was fetched for them.
    `,
    examples: [
      ["What all of it is made of", "$0 pkg ls"],
      ["What there is", "$0 pkg ls --all --output json"],
      ["Before a journey", "$0 pkg pull //..."],
      ["An image of all targets", "$0 pkg . --name ghcr.io/me/app:1.0 --push"],
      ["For urunc and KraftKit alike", "$0 pkg //apps/nginx --as both --name ghcr.io/me/nginx"],
      ["The kernel in an image", "$0 pkg pull unikraft.org/base:latest -w base"],
      ["Use an index of one's own", "$0 pkg source https://example.com/index.yaml"],
    ],
  });

  given = Option.Rest({ name: "target, or verb and what it is about" });
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  all = Option.Boolean("--all", false, {
    description: "ls: what manifest indexes offer; pull: all platforms of an image",
  });
  output = offering(
    "--output",
    async () => ["table", "json", "ndjson"],
    Option.String("--output", {
      description:
        "ls, info: table, json, or ndjson; packages, export: oci:DIR, oci-archive:FILE, docker-archive:FILE",
    }),
  );
  apps = Option.Boolean("--apps", false, { description: "ls: images of this machine" });
  update = Option.Boolean("-u,--update", false, {
    description: "ls --apps: those of the registries that `sources.registries` names, too",
  });
  as = wordOption("--as", {
    values: ["kraft", "urunc", "both"],
    initial: "kraft",
    description: "packages: who is to boot them: kraft, urunc, or both",
  });
  name = Option.String("-n,--name", { description: "packages: what the image is called" });
  push = Option.Boolean("--push", false, { description: "packages: push the image, too" });
  sbom = Option.Boolean("--sbom", false, {
    description: "packages, with --push: say beside the image what it was built from, as SPDX",
  });
  provenance = Option.Boolean("--provenance", false, {
    description: "packages, with --push: say beside the image how it was built, as SLSA does",
  });
  builder = Option.String("--builder", {
    description: "packages, with --provenance: a URI for who builds",
  });
  signKey = Option.String("--sign-key", {
    description: "packages: sign the provenance with this private key, of Ed25519 or ECDSA",
  });
  key = Option.String("--key", { description: "verify: the file with the public key" });
  compress = wordOption("--compress", {
    values: ["none", "gzip", "zstd"],
    description: "packages: how layers are packed: gzip, zstd, or none",
  });
  hasAliases = Option.Boolean("--platform-aliases", false, {
    description: "packages: let tools for containers find images, too: qemu/x86_64 as linux/amd64",
  });
  strategy = wordOption("--strategy", {
    values: ["overwrite", "merge", "abort", "prompt"],
    initial: "overwrite",
    description: "packages, when the name is taken: overwrite, merge, abort, or prompt, which asks",
  });
  args = Option.Array("-a,--args", [], {
    description: "packages: an argument of the application, in place of all in its `cmd`",
  });
  env = Option.Array("-e,--env", [], { description: "packages: a variable, NAME=VALUE" });
  labels = Option.Array("--label", [], { description: "packages: a label, NAME=VALUE" });
  rootfs = Option.String("--rootfs", {
    description: "packages: a CPIO archive in place of the root file system; of images, too",
  });
  platform = choiceOptions.platform(
    "--plat,--platform",
    "packages, pull: only this platform, such as fc, fc/arm64 or linux/amd64",
  );
  architecture = choiceOptions.architecture(
    "packages, pull: only this architecture: x86_64, arm64",
  );
  target = choiceOptions.target("packages: only the target of this name");
  kconfig = Option.Array("-k,--kconfig", [], {
    description: "pull: an option that the kernel must have, such as CONFIG_LIBVFSCORE=y",
  });
  workdir = Option.String("-w,--workdir", {
    description: "pull: unpack the image into this directory",
  });
  format = wordOption("--format", {
    values: ["oci", "oci-archive", "docker-archive"],
    description: "export: oci, oci-archive (by default where PATH ends in .tar) or docker-archive",
  });
  insecure = Option.Array("--insecure", [], {
    description: "a registry that needs no certificate, HOST:PORT",
  });
  isQuiet = reportOptions.isQuiet();
  locked = sourceOptions.locked();
  offline = sourceOptions.offline();

  override async execute(): Promise<number> {
    const { context } = this;
    const [verb = ".", ...words] = this.given;
    const { locked, offline, compress: text } = this;
    const sources = flagsOf({ locked, offline });
    // So that what is packaged is what `:oci` is.
    const layers = { name: "--compress", key: "build.compressLayers" } as const;
    const flags = text === undefined ? sources : [...sources, { ...layers, text }];
    const output = pkgOutputOf(this.output, outputUseOf(verb));
    if (output.kind === "refused") {
      context.stderr.write(`error: pkg: ${output.problem}\n`);
      return exitCodes.refused;
    }
    const isAboutImages = await this.#isAboutImages(verb, words);
    const request = {
      ...repositoryRequest(this, flags),
      ...(isAboutImages && { needsWorkspace: false }),
    };
    try {
      const opened = await openForCommand(context, request);
      const isReading = !isAboutImages && readingVerbs.has(verb);
      const repository = opened && isReading ? await this.#complete(opened, request) : opened;
      if (repository === undefined) return exitCodes.refused;
      const place = { repository, request, context };
      if (isAboutImages) {
        const { carryOutOnImages } = await import("./pkg-image-verbs.ts");
        return exitCodes[await carryOutOnImages(verb, this.#words(words, output), place)];
      }
      const carryOut = await verbOf(verb);
      if (carryOut !== undefined)
        return exitCodes[await carryOut(this.#words(words, output), place)];
      const { packageTargets } = await import("./pkg-package.ts");
      return exitCodes[await packageTargets([verb, ...words], this.#words(words, output), place)];
    } catch (error) {
      if (context.signal.aborted) return exitCodes.interrupted;
      throw error;
    }
  }

  async #complete(repository: Repository, request: RepositoryRequest) {
    const { completeRepository } = await import("./complete-repository.ts");
    return completeRepository({ repository, request, context: this.context });
  }

  /** All options, and the words behind the verb. */
  #words(words: readonly string[], output: PkgOutput): ImageWords {
    const { as, name, push, strategy, args, env, labels, rootfs, platform, architecture } = this;
    const { target, kconfig, workdir, all, update, insecure, format, sbom } = this;
    const { isQuiet } = this;
    const { compress, hasAliases, provenance, builder, signKey, key } = this;
    const own = { as, name, push, strategy, args, env, labels, rootfs, sbom };
    const packaging = { ...own, compress, hasAliases, provenance, builder, signKey, key };
    const choice = { platform, architecture, target, kconfig };
    return {
      words,
      ...packaging,
      ...choice,
      workdir,
      all,
      update,
      insecure,
      format,
      output: output.kind === "rows" ? output.form : "table",
      saveTo: output.kind === "image" ? output.saveTo : undefined,
      isQuiet,
    };
  }

  /** Whether `verb` is to do something with images, for which there need be no workspace. */
  async #isAboutImages(verb: string, words: readonly string[]): Promise<boolean> {
    if (["push", "export", "prune", "verify"].includes(verb) || (verb === "ls" && this.apps))
      return true;
    const { imageWordOf } = await import("./image-word.ts");
    const { workingDirectory } = this.context.host;
    const isImage = (word: string) => imageWordOf(word, workingDirectory) !== undefined;
    const named = ["pull", "info", "rm"].includes(verb) ? words : [verb];
    return named.length > 0 && named.every(isImage);
  }
}
