import type { LoadContext, NamedComponent, NamedOrigin, Source } from "../../src/index.ts";
import { remoteOf } from "./component.ts";
import { readKraftfile } from "./kraftfile/kraftfile.ts";
import { type Project, projectOf, targetsOf } from "./project.ts";
import type { ProjectComponent } from "./project-component.ts";

/** The components that the Kraftfile `file` names, with those of its template. */
export function namedComponents(file: Source, context: LoadContext): readonly NamedComponent[] {
  const kraftfile = readKraftfile(file, context);
  if (kraftfile === undefined) return [];
  const project = projectOf(kraftfile, context);
  const pairs = targetsOf(project).map(
    ({ platform, architecture }) => `${platform}/${architecture}`,
  );
  const platforms = [...new Set(pairs)].sort();
  const named = (type: NamedComponent["type"], one: ProjectComponent): NamedComponent => {
    const version = one.version ?? referenceOf(one);
    const origin = originOf(one);
    return { type, name: one.name, origin, platforms, ...(version !== undefined && { version }) };
  };
  const { core, libraries, app } = project;
  return [
    ...(core === undefined ? [] : [named("core", core)]),
    ...libraries.map((one) => named("lib", one)),
    ...(app === undefined ? [] : [named("app", app)]),
    ...runtimeOf(project, platforms),
  ];
}

function originOf({ source }: ProjectComponent): NamedOrigin {
  if (source.kind === "directory") return { kind: "directory", path: source.path };
  const isLocal = source.kind === "archive" && !source.url.includes("://");
  return isLocal
    ? { kind: "archive", path: source.url }
    : { kind: "remote", source: remoteOf(source) };
}

function referenceOf({ source }: ProjectComponent): string | undefined {
  return source.kind === "git" ? source.reference : undefined;
}

function runtimeOf(
  { kraftfile, provider }: Project,
  platforms: readonly string[],
): NamedComponent[] {
  const { runtime } = kraftfile;
  // One that is built here is a package, and no component.
  if (runtime?.kind !== "package" || provider !== undefined) return [];
  const { reference } = runtime;
  const [, name = reference, version] =
    /^(?:.*\/)?([^/:@]+)(?::([^:@]+))?(?:@.*)?$/.exec(reference) ?? [];
  const origin = { kind: "image", reference } as const;
  return [{ type: "app", name, origin, platforms, ...(version !== undefined && { version }) }];
}
