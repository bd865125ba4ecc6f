/** A package to begin with, which `kraft-graph init --template` writes. */
export interface Template {
  /** Also of the directory that it is written to, where the user names none. */
  readonly name: string;
  /** One line for `kraft-graph init --templates`. */
  readonly description: string;
  /** The text of each file, by its path from the package's directory, which it does not leave. */
  readonly files: (context: TemplateContext) => Readonly<Record<string, string>>;
}

/** Where a template is written. */
export interface TemplateContext {
  /** As in labels: `apps/web`. */
  readonly packagePath: string;
  /** The last part of the path, for what the package is to be called. */
  readonly name: string;
  /** The address of a schema of the engine's, such as `kraftfile`, for editors. */
  readonly schema: (name: string) => string;
}
