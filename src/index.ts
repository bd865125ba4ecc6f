// The public API: what rule sets and other programs may import.

export type { RemoteSource, WantedPlatform } from "./action/remote-source.ts";
export { describeSource } from "./action/remote-source.ts";
export type { Action, ExecPath, Resources, WithoutOwner } from "./action/action.ts";
export { mountsOf } from "./action/mounts.ts";
export { formatYielded } from "./action/yielded.ts";
export type { Diagnostic, Report, Source, Span } from "./diagnostic/diagnostic.ts";
export { renderDiagnostic, renderSpan } from "./diagnostic/diagnostic.ts";
export { didYouMean } from "./diagnostic/suggest.ts";
export type { Entry, ListValue, MapValue, ScalarValue, Value } from "./document/document.ts";
export { withBoundedReport } from "./document/bounded-report.ts";
export { parseDocument, plainOf } from "./document/document.ts";
export { isNothing, kindNameOf, pointerTo } from "./document/value-shape.ts";
export type { ArchiveBytes } from "./format/archive-bytes.ts";
export { openArchive } from "./format/archive-bytes.ts";
export type { BaseImage, ContainerImage } from "./format/container-image.ts";
export { baseImageOf, readBaseImage, writeContainerImage } from "./format/container-image.ts";
export type { DockerImage } from "./format/docker-archive.ts";
export { writeDockerArchive } from "./format/docker-archive.ts";
export { fileContent, writePieces } from "./format/file-content.ts";
export type { FileBytes, TreeEntry, TreeNode } from "./format/file-tree.ts";
export { FileTree } from "./format/file-tree.ts";
export { FormatError, readableName } from "./format/format-error.ts";
export type { ImageSpec, ImageTarget } from "./format/image.ts";
export { writeImage, writeLayer } from "./format/image.ts";
export type { OpenTree } from "./format/image-tree.ts";
export { applyLayers, findImage } from "./format/image-tree.ts";
export { leftOutBy } from "./format/left-out.ts";
export { openTree, treeKindOf } from "./format/open-tree.ts";
export { rootMode } from "./format/root-mode.ts";
export { packEntries } from "./format/layer-entries.ts";
export { describeMissing, missingLibrariesOf } from "./format/missing-libraries.ts";
export type { NewcEntry } from "./format/newc.ts";
export { packNewc } from "./format/newc.ts";
export { archiveDirectory, rewriteArchive } from "./format/newc-file.ts";
export { applyLayer, treeOfTar } from "./format/tar-tree.ts";
export { writeTree } from "./format/write-tree.ts";
export type { UruncFacts } from "./format/urunc.ts";
export { uruncAnnotationsOf, uruncJsonOf, uruncJsonPath, uruncPrefix } from "./format/urunc.ts";
export type { UruncProblem } from "./format/urunc-rules.ts";
export { uruncProblemsOf } from "./format/urunc-rules.ts";
export { uruncContainerKeys, uruncKeyProblemsOf } from "./format/urunc-keys.ts";
export type { Solo5Binary, Solo5Device } from "./format/solo5-notes.ts";
export { solo5BinaryOf } from "./format/solo5-notes.ts";
export { uruncDevicesOf, uruncMonitorOf } from "./format/solo5-urunc.ts";
export { hiddenNames, originOf } from "./format/staged-directory.ts";
export { gitignorePatterns } from "./dockerfile/gitignore-patterns.ts";
export type { IgnorePatterns } from "./dockerfile/ignore-patterns.ts";
export { ignorePatterns, readIgnoreFile } from "./dockerfile/ignore-patterns.ts";
export type { ImageConfig } from "./dockerfile/image-config.ts";
export type { Dockerfile } from "./dockerfile/instruction.ts";
export { parseDockerfile } from "./dockerfile/parse.ts";
export { type DockerfileRequest, dockerfileAction } from "./dockerfile/request.ts";
export { dockerfilePrograms } from "./dockerfile/programs.ts";
export { configOfImage, startOfImages } from "./dockerfile/image-config.ts";
export { plainTarOf } from "./dockerfile/plain-tar.ts";
export { parsePlatform } from "./dockerfile/platform.ts";
export { openStack } from "./layer/layer.ts";
export { packOciLayer } from "./layer/oci-layer.ts";
export type { Label } from "./label/label.ts";
export { labelOf, parseLabel, partsOf } from "./label/label.ts";
export type { RegistryReference } from "./registry/reference.ts";
export { formatReference, parseReference } from "./registry/reference.ts";
export type { Attribute, Attributes, Values } from "./rule/attribute.ts";
export { attribute, optional } from "./rule/attribute.ts";
export type { Check, CheckContext, CheckProblem } from "./rule/check.ts";
export type { Template, TemplateContext } from "./rule/template.ts";
export type {
  OpenedMenu,
  OptionAnswer,
  OptionChange,
  OptionPlace,
  OptionSupport,
} from "./rule/option-support.ts";
export { withHostArchitecture } from "./rule/host-architecture.ts";
export type { NamedComponent, NamedOrigin } from "./rule/named-component.ts";
export type { PublishedComponent, WantedComponent } from "./rule/published-component.ts";
export type { Program, ProgramContext } from "./rule/program.ts";
export { ProgramError } from "./rule/program.ts";
export type {
  Declaration,
  DeclaredAttribute,
  DockerfileExecutor,
  DockerfileSettings,
  LoadContext,
  MachineImage,
  MachineSpec,
  MonitorSpec,
  Provider,
  RootfsSettings,
  Rule,
  RuleContext,
  RuleSet,
  TargetResult,
} from "./rule/rule.ts";
export { defineRule, provider } from "./rule/rule.ts";
