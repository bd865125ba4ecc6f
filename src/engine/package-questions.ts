import { posix } from "node:path";

import type { ExecPath } from "../action/action.ts";
import type { Graph } from "../graph/graph.ts";
import { fileLabels } from "../query/action-nodes.ts";
import type { LoadedFile, PackageFiles } from "../query/package-files.ts";
import type { LoadQuestion } from "../workspace/load.ts";

/** Gathers what packages are loaded from. */
export class PackageQuestions {
  readonly #root: string;
  readonly #asked = new Map<string, LoadQuestion[]>();

  /** `root` is the workspace's, absolute. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Takes in a question; see `LoadRequest.asked`. */
  readonly add = (question: LoadQuestion): void => {
    const known = this.#asked.get(question.packagePath);
    if (known === undefined) this.#asked.set(question.packagePath, [question]);
    else known.push(question);
  };

  /** What each package in `graph` was loaded from, by its path. */
  filesIn(graph: Graph): ReadonlyMap<string, PackageFiles> {
    const labelOf = fileLabels(graph);
    const filesAbout = (questions: readonly LoadQuestion[], about: LoadQuestion["about"]) => {
      const paths = this.#pathsOf(questions.filter((one) => one.about === about));
      // What is outside of the workspace has no label.
      const inside = paths.filter((path) => !path.startsWith("/"));
      return inside.sort().map((path): LoadedFile => ({ label: labelOf(path), path }));
    };
    const all = [...this.#asked].map(([packagePath, questions]): [string, PackageFiles] => {
      const buildFiles = filesAbout(questions, "build file");
      const own = new Set(buildFiles.map(({ path }) => path));
      const loadedFiles = filesAbout(questions, "text").filter(({ path }) => !own.has(path));
      return [
        packagePath,
        {
          buildFiles,
          loadedFiles,
          askedFor: new Set(this.#pathsOf(questions.filter(({ about }) => about !== "names"))),
          listed: new Set(this.#pathsOf(questions.filter(({ about }) => about === "names"))),
        },
      ];
    });
    return new Map(all);
  }

  /** From the workspace root; absolute outside of it. Each once. */
  #pathsOf(questions: readonly LoadQuestion[]): ExecPath[] {
    const paths = questions.map(({ path }) => {
      const relative = posix.relative(this.#root, path);
      if (relative === ".." || relative.startsWith("../")) return path;
      return relative === "" ? "." : relative;
    });
    return [...new Set(paths)];
  }
}
