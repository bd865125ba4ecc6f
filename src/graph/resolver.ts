import { posix } from "node:path";

import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { didYouMean, nearestName } from "../diagnostic/suggest.ts";
import { type Label, labelOf, partsOf } from "../label/label.ts";
import type { Workspace } from "../workspace/load.ts";
import type { Target } from "./target.ts";

/** What a label names. */
export type Resolution =
  /** In full. */
  | { readonly kind: "target"; readonly label: Label }
  /** A declaration that is there, and has been reported to be wrong. */
  | { readonly kind: "broken" }
  | { readonly kind: "unknown"; readonly problem: Diagnostic };

/** What is known before the first label is resolved. */
export interface ResolverRequest {
  readonly workspace: Workspace;
  /** Holds every target of a rule; files and components are added as they are asked for. */
  readonly targets: Map<Label, Target>;
  /** Declarations that gave no target. */
  readonly broken: ReadonlySet<Label>;
  /** The default target of each package that has one. */
  readonly defaults: ReadonlyMap<string, Label>;
}

/** Finds what labels name: targets, else files of the package, else a reason why not. */
export class Resolver {
  readonly #request: ResolverRequest;
  readonly #known = new Map<Label, Resolution>();

  constructor(request: ResolverRequest) {
    this.#request = request;
  }

  /** `label`, which is in full, as the target that it names has it. */
  ownLabel(label: Label): Label {
    return this.#request.targets.get(label)?.label ?? label;
  }

  resolve(label: Label): Resolution {
    if (this.#request.targets.has(label)) return { kind: "target", label };
    const known = this.#known.get(label);
    if (known !== undefined) return known;
    const resolution = this.#find(label);
    this.#known.set(label, resolution);
    return resolution;
  }

  #find(label: Label): Resolution {
    const { targets, broken, defaults, workspace } = this.#request;
    if (broken.has(label)) return { kind: "broken" };
    const { repository, packagePath, name } = partsOf(label);
    if (repository !== "") {
      targets.set(label, { kind: "component", label, name: repository });
      return { kind: "target", label };
    }
    if (!workspace.packages.has(packagePath)) return unknown(this.#noPackage(packagePath, name));
    if (name === "") {
      const standard = defaults.get(packagePath);
      if (standard === undefined) return unknown(this.#noDefault(packagePath));
      return broken.has(standard) ? { kind: "broken" } : { kind: "target", label: standard };
    }
    const inner = this.#packageInside(packagePath, name);
    if (inner !== undefined) return unknown(crossing(label, inner));
    const path = posix.join(packagePath, name);
    if (workspace.files.kindOf(posix.join(workspace.root, path)) === undefined) {
      return unknown(this.#noTarget(packagePath, name));
    }
    targets.set(label, { kind: "source file", label, path });
    return { kind: "target", label };
  }

  /** The label of what `name` means in the innermost package below `packagePath` that holds it. */
  #packageInside(packagePath: string, name: string): Label | undefined {
    const segments = name.split("/");
    for (let length = segments.length; length > 0; length--) {
      const inner = posix.join(packagePath, ...segments.slice(0, length));
      if (!this.#request.workspace.packages.has(inner)) continue;
      return labelOf({ packagePath: inner, name: segments.slice(length).join("/") });
    }
    return undefined;
  }

  #noPackage(packagePath: string, name: string): Diagnostic {
    const { root, packages, files, isLeftOut } = this.#request.workspace;
    const message = `there is no package //${packagePath}`;
    const problem = { severity: "error", code: "unknown-package", message } as const;
    if (files.kindOf(posix.join(root, packagePath)) === "directory") {
      if (isLeftOut(packagePath)) {
        const help = "`packages` or a .kraftignore leaves that directory out";
        return { ...problem, help };
      }
      const outer = this.#packageAbove(packagePath);
      const inner = posix.relative(outer ?? "", posix.join(packagePath, name));
      if (outer !== undefined && files.kindOf(posix.join(root, outer, inner)) !== undefined) {
        const label = labelOf({ packagePath: outer, name: inner });
        return { ...problem, help: `that directory belongs to a package: write "${label}"` };
      }
    }
    return { ...problem, ...didYouMean(`//${packagePath}`, [...packages.keys()].map(labelled)) };
  }

  #packageAbove(packagePath: string): string | undefined {
    const segments = packagePath.split("/");
    const paths = segments.map((_, index) => segments.slice(0, index).join("/"));
    return paths.findLast((path) => this.#request.workspace.packages.has(path));
  }

  #noDefault(packagePath: string): Diagnostic {
    const names = this.#namesIn(packagePath);
    const shown = names.slice(0, 5).map((name) => labelOf({ packagePath, name }));
    return {
      severity: "error",
      code: "unknown-target",
      message: `package //${packagePath} has no default target`,
      help:
        names.length === 0
          ? "it has no targets at all"
          : `name one of its targets: ${shown.join(", ")}${names.length > 5 ? ", …" : ""}`,
    };
  }

  /** Neither target nor file; which of the two it should be is told by what is near. */
  #noTarget(packagePath: string, name: string): Diagnostic {
    const { root, files } = this.#request.workspace;
    const target = nearestName(name, this.#namesIn(packagePath));
    const directory = posix.dirname(name);
    const siblings = files.list(posix.join(root, packagePath, directory));
    const paths = siblings.map((sibling) => posix.join(directory, sibling));
    const nearest = nearestName(name, target === undefined ? paths : [target, ...paths]);
    const isFile = nearest === undefined ? /[./]/.test(name) : nearest !== target;
    return {
      severity: "error",
      code: isFile ? "missing-file" : "unknown-target",
      message: `package //${packagePath} has no ${isFile ? "file" : "target"} "${name}"`,
      ...(nearest === undefined ? {} : { help: `did you mean "${nearest}"?` }),
    };
  }

  #namesIn(packagePath: string): string[] {
    return [...(this.#request.workspace.packages.get(packagePath)?.declarations.keys() ?? [])];
  }
}

function unknown(problem: Diagnostic): Resolution {
  return { kind: "unknown", problem };
}

function crossing(label: Label, inner: Label): Diagnostic {
  const { packagePath } = partsOf(inner);
  return {
    severity: "error",
    code: "bad-label",
    message: `${label} reaches into the package //${packagePath}`,
    help: `write "${inner}"`,
  };
}

function labelled(packagePath: string): string {
  return `//${packagePath}`;
}
