import type { PageData, PageNode } from "../../src/page/page-data.ts";

/** Targets in packages, with actions that need those of up to three targets before them. */
export function madeUpGraph(count: number): PageData {
  const nodes: PageNode[] = [];
  const edges: number[] = [];
  for (let at = 0; at < count; at++) {
    const target = Math.floor(at / 5);
    const packageName = `apps/p${Math.floor(target / 10)}`;
    const label = `//${packageName}:t${target}`;
    if (at % 5 === 0) {
      nodes.push({
        id: label,
        group: "target",
        kind: "exec rule",
        name: `t${target}`,
        package: packageName,
      });
      for (const step of [1, 7, 31]) {
        if (target % step === 0 && target >= step) edges.push(at, at - 5 * step);
      }
      continue;
    }
    nodes.push({
      id: `.kraft/out/${packageName}/t${target}/o${at}`,
      group: "action",
      kind: "CC action",
      name: `t${target}/file-${at}.o`,
      package: packageName,
      owner: label,
    });
    edges.push(at - (at % 5), at);
    if (at >= 10) edges.push(at, at - 5);
  }
  return {
    version: 1,
    title: "//...",
    workspace: "made-up",
    isLive: false,
    graph: { nodes, edges, unknownOf: [] },
    builds: [],
    lastActions: [],
    details: {},
  };
}
