import fc from "fast-check";
import { expect, test } from "vitest";

import type { Diagnostic } from "../../src/diagnostic/diagnostic.ts";
import { type Label, labelOf } from "../../src/label/label.ts";
import { evaluateQuery } from "../../src/query/evaluate.ts";
import { parseQuery } from "../../src/query/parse.ts";
import type { QueryNode } from "../../src/query/query-graph.ts";
import { ask, plainGraph } from "./query-rig.ts";

type Edges = ReadonlyMap<Label, readonly Label[]>;

const label = (index: number): Label => labelOf({ packagePath: "p", name: `t${index}` });

/** Any graph of a few labels, cycles and edges to itself among them. */
const graphs: fc.Arbitrary<Edges> = fc
  .integer({ min: 1, max: 9 })
  .chain((size) =>
    fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: 4 }), {
      minLength: size,
      maxLength: size,
    }),
  )
  .map((rows) => new Map(rows.map((row, index) => [label(index), row.map(label)])));

const sets = fc.uniqueArray(fc.nat(8), { maxLength: 4 });

/** The labels of `indexes` that are in `edges`, and the same as text. */
function chosen(edges: Edges, indexes: readonly number[]): { labels: Label[]; text: string } {
  const labels = indexes.filter((index) => index < edges.size).map(label);
  return { labels, text: `set(${labels.join(" ")})` };
}

/** How many edges are between the nearest of `from` and each label that can be reached. */
function distances(edges: Edges, from: readonly Label[]): Map<Label, number> {
  const found = new Map<Label, number>(from.map((one) => [one, 0]));
  // As often as there are labels, every edge is followed: slow, and plainly right.
  for (let round = 0; round < edges.size; round++) {
    for (const [one, dependencies] of edges) {
      const distance = found.get(one);
      if (distance === undefined) continue;
      for (const next of dependencies) {
        found.set(next, Math.min(found.get(next) ?? Infinity, distance + 1));
      }
    }
  }
  return found;
}

function reversed(edges: Edges, within: (one: Label) => boolean): Edges {
  const users = (one: Label): Label[] =>
    [...edges].flatMap(([user, dependencies]) =>
      dependencies.includes(one) && within(user) ? [user] : [],
    );
  return new Map([...edges.keys()].filter(within).map((one) => [one, users(one)]));
}

const sorted = (labels: Iterable<Label>): Label[] => [...labels].sort();

function answer(query: string, edges: Edges): readonly QueryNode[] {
  const { labels, printed } = ask(query, plainGraph(edges));
  if (labels === undefined) throw new Error(printed);
  return labels;
}

test("deps is what can be reached, to any depth", () => {
  fc.assert(
    fc.property(graphs, sets, fc.nat(5), (edges, indexes, depth) => {
      const { labels, text } = chosen(edges, indexes);
      const found = distances(edges, labels);
      expect(answer(`deps(${text})`, edges)).toEqual(sorted(found.keys()));
      const near = [...found].filter(([, distance]) => distance <= depth).map(([one]) => one);
      expect(answer(`deps(${text}, ${depth})`, edges)).toEqual(sorted(near));
    }),
  );
});

test("rdeps is what reaches, inside of what the universe reaches", () => {
  fc.assert(
    fc.property(graphs, sets, sets, fc.nat(5), (edges, universe, indexes, depth) => {
      const from = chosen(edges, universe);
      const to = chosen(edges, indexes);
      const inside = distances(edges, from.labels);
      const turned = reversed(edges, (one) => inside.has(one));
      const targets = to.labels.filter((one) => inside.has(one));
      const found = distances(turned, targets);
      expect(answer(`rdeps(${from.text}, ${to.text})`, edges)).toEqual(sorted(found.keys()));
      const near = [...found].filter(([, distance]) => distance <= depth).map(([one]) => one);
      expect(answer(`rdeps(${from.text}, ${to.text}, ${depth})`, edges)).toEqual(sorted(near));
    }),
  );
});

test("allpaths is what is reached by the first and reaches the second", () => {
  fc.assert(
    fc.property(graphs, sets, sets, (edges, first, second) => {
      const from = chosen(edges, first);
      const to = chosen(edges, second);
      const on = [...distances(edges, from.labels).keys()].filter((one) => {
        const reached = distances(edges, [one]);
        return to.labels.some((end) => reached.has(end));
      });
      expect(answer(`allpaths(${from.text}, ${to.text})`, edges)).toEqual(sorted(on));
    }),
  );
});

test("somepath is a path, of the least length there is, or nothing when there is none", () => {
  fc.assert(
    fc.property(graphs, sets, sets, (edges, first, second) => {
      const from = chosen(edges, first);
      const to = chosen(edges, second);
      const path = answer(`somepath(${from.text}, ${to.text})`, edges);
      const found = distances(edges, from.labels);
      const lengths = to.labels.flatMap((end) => found.get(end) ?? []);
      expect(path).toHaveLength(lengths.length === 0 ? 0 : Math.min(...lengths) + 1);
      if (path.length === 0) return;
      expect(from.labels).toContain(path[0]);
      expect(to.labels).toContain(path.at(-1));
      for (const [index, one] of path.slice(1).entries()) {
        expect(edges.get(path[index]! as Label)).toContain(one);
      }
    }),
  );
});

test("a chain of operators is worked off from left to right", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom("+", "-", "^"), sets), { maxLength: 6 });
  fc.assert(
    fc.property(graphs, sets, steps, (edges, start, chain) => {
      const first = chosen(edges, start);
      let expected = first.labels;
      let text = first.text;
      for (const [operator, indexes] of chain) {
        const right = chosen(edges, indexes);
        text += ` ${operator} ${right.text}`;
        if (operator === "+") expected = [...new Set([...expected, ...right.labels])];
        else {
          const keeps = operator === "^";
          expected = expected.filter((one) => right.labels.includes(one) === keeps);
        }
      }
      expect(answer(text, edges)).toEqual(sorted(expected));
    }),
  );
});

test("filter, some and let agree with what they mean", () => {
  fc.assert(
    fc.property(graphs, sets, fc.nat(8), fc.nat(5), (edges, indexes, digit, count) => {
      const { labels, text } = chosen(edges, indexes);
      const matching = labels.filter((one) => one.endsWith(`t${digit}`));
      expect(answer(`filter("t${digit}$", ${text})`, edges)).toEqual(matching);
      expect(answer(`let v = ${text} in deps($v) ^ $v`, edges)).toEqual(sorted(labels));
      if (labels.length === 0) return;
      expect(answer(`some(${text}, ${count})`, edges)).toEqual(sorted(labels).slice(0, count));
    }),
  );
});

test("the order of dependencies and of labels in the graph changes nothing", () => {
  fc.assert(
    fc.property(graphs, sets, sets, (edges, first, second) => {
      const turned = new Map(
        [...edges].reverse().map(([one, dependencies]) => [one, dependencies.toReversed()]),
      );
      const from = chosen(edges, first).text;
      const to = chosen(edges, second.toReversed()).text;
      for (const name of ["somepath", "allpaths", "rdeps"]) {
        const query = `${name}(${from}, ${to})`;
        expect(answer(query, turned)).toEqual(answer(query, edges));
      }
    }),
  );
});

test("any text is either answered or refused with a place inside of it", () => {
  const words = ["deps", "rdeps", "kind", "set", "let", "in", "x", "$x", "//p:t0", "1", "=", ","];
  const part = fc.oneof(
    fc.constantFrom(...words, "(", ")", "+", "-", "^", '"', "'", "\n", "//..."),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  const graph = plainGraph(new Map([[label(0), []]]));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const text = parts.join(" ");
      const diagnostics: Diagnostic[] = [];
      const report = (one: Diagnostic): void => void diagnostics.push(one);
      const query = parseQuery({ path: "query", text }, report);
      const labels = query && evaluateQuery(query, graph, report);
      expect(labels === undefined).toBe(diagnostics.length > 0);
      for (const { at } of diagnostics) {
        expect(at?.start).toBeLessThanOrEqual(text.length);
        expect(at?.end).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 1000 },
  );
});

test("a chain of 100000 targets is neither too deep nor too long", () => {
  const size = 100_000;
  const edges = new Map(
    Array.from({ length: size }, (_, i) => [label(i), i + 1 < size ? [label(i + 1)] : []]),
  );
  const [top, bottom] = [label(0), label(size - 1)];
  expect(answer(`deps(${top})`, edges)).toHaveLength(size);
  expect(answer(`rdeps(${top}, ${bottom})`, edges)).toHaveLength(size);
  expect(answer(`allpaths(${top}, ${bottom})`, edges)).toHaveLength(size);
  expect(answer(`rdeps(//..., ${bottom}, 2)`, edges)).toHaveLength(3);
  expect(answer(`somepath(${top}, ${bottom})`, edges)).toEqual([...edges.keys()]);
});

test("a sum of very many labels is neither too deep nor too long", () => {
  const edges = new Map(Array.from({ length: 20_000 }, (_, i) => [label(i), []]));
  expect(answer([...edges.keys()].join(" + "), edges)).toHaveLength(20_000);
});
