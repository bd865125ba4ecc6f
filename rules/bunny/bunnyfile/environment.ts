import { type Entry, type Value, kindNameOf } from "../../../src/index.ts";
import type { Reading } from "./reading.ts";

/**
 * `envs`, as `K=V` each. Also taken is `K:V`, of which bunny's documents tell, though bunny hands
 * it on as it is; and `K: V`, which YAML makes a map.
 */
export function readEnvironment(entry: Entry | undefined, reading: Reading): readonly string[] {
  if (entry === undefined) return [];
  const { value, keyAt } = entry;
  if (value.kind === "map") return pairsOf(value);
  if (value.kind === "list") return value.items.flatMap((item) => variableOf(item, reading));
  const message = `\`envs\` must be a list, not ${kindNameOf(value)}`;
  reading.error({ code: "wrong-type", message, at: keyAt, help: "write - NAME=VALUE" });
  return [];
}

function variableOf(item: Value, reading: Reading): readonly string[] {
  if (item.kind === "map" && pairsOf(item).length > 0) return pairsOf(item);
  const text = item.kind === "scalar" ? item.text : "";
  const [, name = "", value] = /^([^=:]*)[=:](.*)$/s.exec(text) ?? [];
  if (value !== undefined && name !== "") return [`${name}=${value}`];
  const message = "a variable is written NAME=VALUE";
  reading.error({ code: "bad-environment", message, at: item.at });
  return [];
}

function pairsOf(value: Extract<Value, { kind: "map" }>): readonly string[] {
  return [...value.entries.values()].flatMap(({ key, value: { kind, ...rest } }) =>
    kind === "scalar" && "text" in rest ? [`${key}=${rest.text}`] : [],
  );
}
