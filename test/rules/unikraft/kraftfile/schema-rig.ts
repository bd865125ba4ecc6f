import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parseDocument, plainOf } from "../../../../src/index.ts";

/** A JSON schema, in the keywords that {@link isValid} knows. */
export type Schema = Readonly<Record<string, unknown>>;

type Check = (wanted: never, value: unknown, schema: Schema, root: Schema) => boolean;

/**
 * Whether `value` is valid against `schema`, whose references are into `root`. Throws for a
 * keyword that it does not know, so that no part of a schema goes unchecked.
 *
 * Source: JSON Schema 2020-12, core §10 and validation §6, the part that the project uses.
 */
export function isValid(value: unknown, schema: Schema, root: Schema = schema): boolean {
  return Object.entries(schema).every(([keyword, wanted]) => {
    if (annotations.has(keyword)) return true;
    const check = checks[keyword];
    if (check === undefined) throw new Error(`the keyword ${keyword} is not known here`);
    return check(wanted as never, value, schema, root);
  });
}

const kraftfileSchema = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../../schemas/kraftfile.schema.json"), "utf8"),
) as Schema;

/** Whether the data in the YAML `text` is a valid Kraftfile by the schema that is shipped. */
export function isValidFile(text: string): boolean {
  const document = parseDocument({ path: "Kraftfile", text }, () => undefined);
  return isValid(document === undefined ? null : plainOf(document), kraftfileSchema);
}

const annotations = new Set([
  "$schema",
  "$defs",
  "title",
  "description",
  "deprecated",
  "examples",
  // Carried out by `if`.
  "then",
  "else",
]);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const checks: Readonly<Record<string, Check>> = {
  $ref: (reference: string, value, _, root) => {
    const definitions = root["$defs"] as Record<string, Schema>;
    const definition = definitions[reference.replace("#/$defs/", "")];
    if (definition === undefined) throw new Error(`${reference} leads nowhere`);
    return isValid(value, definition, root);
  },
  type: (types: string | string[], value) => [types].flat().some((type) => isOfType(value, type)),
  minimum: (least: number, value) => typeof value !== "number" || value >= least,
  // Of what has no parts.
  const: (wanted: unknown, value) => value === wanted,
  enum: (allowed: unknown[], value) => allowed.includes(value),
  pattern: (pattern: string, value) =>
    typeof value !== "string" || new RegExp(pattern, "u").test(value),
  // Right for a length of 1, whatever a character is.
  minLength: (length: number, value) => typeof value !== "string" || value.length >= length,
  minProperties: (n: number, value) => !isObject(value) || Object.keys(value).length >= n,
  required: (keys: string[], value) =>
    !isObject(value) || keys.every((key) => Object.hasOwn(value, key)),
  properties: (properties: Record<string, Schema>, value, _, root) =>
    !isObject(value) ||
    Object.entries(properties).every(
      ([key, one]) => !Object.hasOwn(value, key) || isValid(value[key], one, root),
    ),
  patternProperties: (patterns: Record<string, Schema>, value, _, root) =>
    !isObject(value) ||
    Object.entries(patterns).every(([pattern, one]) =>
      Object.entries(value).every(
        ([key, item]) => !new RegExp(pattern, "u").test(key) || isValid(item, one, root),
      ),
    ),
  additionalProperties: (
    one: Schema | false,
    value,
    { properties = {}, patternProperties = {} },
    root,
  ) => {
    if (!isObject(value)) return true;
    const patterns = Object.keys(patternProperties as object).map((text) => new RegExp(text, "u"));
    const isNamed = (key: string): boolean =>
      Object.hasOwn(properties as object, key) || patterns.some((pattern) => pattern.test(key));
    return Object.entries(value).every(([key, item]) => {
      return isNamed(key) || (one !== false && isValid(item, one, root));
    });
  },
  propertyNames: (one: Schema, value, _, root) =>
    !isObject(value) || Object.keys(value).every((key) => isValid(key, one, root)),
  items: (one: Schema, value, _, root) =>
    !Array.isArray(value) || value.every((item) => isValid(item, one, root)),
  allOf: (all: Schema[], value, _, root) => all.every((one) => isValid(value, one, root)),
  anyOf: (any: Schema[], value, _, root) => any.some((one) => isValid(value, one, root)),
  oneOf: (any: Schema[], value, _, root) =>
    any.filter((one) => isValid(value, one, root)).length === 1,
  not: (one: Schema, value, _, root) => !isValid(value, one, root),
  if: (one: Schema, value, schema, root) => {
    const branch = schema[isValid(value, one, root) ? "then" : "else"] as Schema | undefined;
    return branch === undefined || isValid(value, branch, root);
  },
};

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
