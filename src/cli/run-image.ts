import { exitCodes } from "./context.ts";
import { bootMachine } from "./boot-image.ts";
import { bootFilesOf, imageFor } from "./boot-files.ts";
import { withImages } from "./image-place.ts";
import type { ImageWord } from "./image-word.ts";
import { platformOf } from "./image-words.ts";
import { imageOfLayout } from "./layout-image.ts";
import type { MachineOptions } from "./machine-options.ts";
import { openForCommand } from "./open-for-command.ts";
import { obtainImage } from "./pkg-pull-image.ts";
import type { RunCommand } from "./run-command.ts";
import { flagsOf } from "./build-flags.ts";
import { repositoryRequest } from "./target-options.ts";

/** Boots the image that `word` names, of this machine or pulled first; gives the exit code. */
export async function runImage(
  word: ImageWord,
  command: RunCommand,
  options: Extract<MachineOptions, { kind: "options" }>,
): Promise<number> {
  const { context, platform, architecture } = command;
  const request = {
    ...repositoryRequest(command, flagsOf({ offline: command.offline })),
    needsWorkspace: false,
  };
  const repository = await openForCommand(context, request);
  if (repository === undefined) return exitCodes.refused;
  const { settings } = repository;
  let code: number | undefined;
  const ending = await withImages({ settings, context }, async (place) => {
    const wanted = { platform, architecture, kconfig: [] };
    const isLayout = word.kind === "layout";
    const image = isLayout ? imageOfLayout(word.path) : await obtainImage(word.name, wanted, place);
    const manifest = imageFor(image, platformOf(wanted, context.host));
    const directory = place.temporaryPath();
    const { signal } = context;
    const spec = await bootFilesOf(image, manifest, { directory, signal });
    const files = { temporaryDirectory: directory, locate: (path: string) => path };
    code = await bootMachine(spec, files, { options, context });
    return "ok";
  });
  return code ?? exitCodes[ending];
}
