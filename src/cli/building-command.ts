// What commands share that build: their options, and what these ask of the engine.

import { Command } from "clipanion";

import type { BuildRequest } from "../engine/build.ts";
import type { Choice } from "../engine/choose-targets.ts";
import type { KraftContext } from "./context.ts";
import { dockerfileFlagsOf, dockerfileOptions } from "./dockerfile-options.ts";
import { remoteFlagsOf, remoteOptions } from "./remote-options.ts";
import { reportOptions } from "./report-options.ts";
import { flagsOf } from "./build-flags.ts";
import {
  buildOptions,
  choiceOf,
  choiceOptions,
  repositoryRequest,
  sourceOptions,
  workspaceOptions,
} from "./target-options.ts";

/** A command that builds something of a workspace. */
export abstract class BuildingCommand extends Command<KraftContext> {
  kraftfile = workspaceOptions.kraftfile();
  configs = workspaceOptions.configs();
  jobs = buildOptions.jobs();
  keepGoing = buildOptions.keepGoing();
  sandbox = buildOptions.sandbox();
  compress = buildOptions.compress();
  keepFileOwners = buildOptions.keepFileOwners();
  locked = sourceOptions.locked();
  offline = sourceOptions.offline();
  remoteCache = remoteOptions.cache();
  remoteExecutor = remoteOptions.executor();
  strategy = remoteOptions.strategy();
  remoteSignKey = remoteOptions.signKey();
  remoteTrustKeys = remoteOptions.trustKeys();
  remoteUpload = remoteOptions.upload();
  download = remoteOptions.download();
  remoteInstance = remoteOptions.instance();
  remoteScope = remoteOptions.scope();
  remoteTimeout = remoteOptions.timeout();
  remoteHeaders = remoteOptions.headers();
  remoteHeaderHelper = remoteOptions.headerHelper();
  dockerfile = dockerfileOptions.executor();
  buildArgs = dockerfileOptions.args();
  buildTarget = dockerfileOptions.target();
  buildSecrets = dockerfileOptions.secrets();
  events = buildOptions.events();
  explain = buildOptions.explain();
  profile = reportOptions.profile();
  isQuiet = reportOptions.isQuiet();
  isVerbose = reportOptions.isVerbose();
  subcommands = reportOptions.subcommands();
  color = reportOptions.color();

  /** A build as the options say, but for its targets, and who listens. */
  buildRequest(): Omit<BuildRequest, "choice" | "listen"> {
    const { engine, signal } = this.context;
    const flags = [...flagsOf(this), ...remoteFlagsOf(this), ...dockerfileFlagsOf(this)];
    const tellsCommands = this.subcommands;
    return { ...repositoryRequest(this, flags), engine, tellsCommands, signal };
  }
}

/** A command that builds targets, some of which options can choose. */
export abstract class TargetsCommand extends BuildingCommand {
  platform = choiceOptions.platform();
  architecture = choiceOptions.architecture();
  target = choiceOptions.target();

  /** The targets of `patterns` that the options choose. */
  choiceOf(patterns: readonly string[]): Choice {
    return choiceOf(patterns, this);
  }
}
