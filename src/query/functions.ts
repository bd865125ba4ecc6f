import { actionFunctions } from "./action-functions.ts";
import { attributeFunctions } from "./attribute-functions.ts";
import { fileFunctions } from "./file-functions.ts";
import type { QueryFunction } from "./function.ts";
import { packageFunctions } from "./package-functions.ts";
import { walkFunctions } from "./walk-functions.ts";

/** The functions of the query language, by name. To add one is to add it to one of the tables. */
export const queryFunctions: ReadonlyMap<string, QueryFunction> = new Map(
  [
    ...walkFunctions,
    ...attributeFunctions,
    ...packageFunctions,
    ...actionFunctions,
    ...fileFunctions,
  ].map((each) => [each.name, each]),
);
