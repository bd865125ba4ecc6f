import { posix } from "node:path";

/** Where a file is that names schemas. */
export interface SchemaPlace {
  /** The workspace's; absolute. */
  readonly root: string;
  /** How many directories below it the file is. */
  readonly depth: number;
  /** The engine's. */
  readonly version: string;
  readonly isFile: (path: string) => boolean;
}

/** Gives the address of a schema by its name, such as `kraftfile`. */
export function schemaAddress({ root, depth, version, isFile }: SchemaPlace) {
  const folder = "node_modules/kraft-graph/schemas";
  return (name: string): string => {
    const file = `${name}.schema.json`;
    // The installed one fits the program that is installed beside it, and needs no network.
    const isInstalled = isFile(posix.join(root, folder, file));
    if (isInstalled) return `${depth === 0 ? "./" : "../".repeat(depth)}${folder}/${file}`;
    return `https://unpkg.com/kraft-graph@${version}/schemas/${file}`;
  };
}
