// What a stage knows while its instructions are gone through: variables, places, its config.

import type { ImageConfig } from "./image-config.ts";
import type { Pair } from "./instruction.ts";

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const defaultShell = ["/bin/sh", "-c"];

/** The state of a stage, from the config of its base. */
export class StageState {
  config: ImageConfig;
  /** Whether the stage itself set CMD: then ENTRYPOINT leaves it alone. */
  #ownsCmd = false;
  /** Of ENV and ARG alike, as both are seen by RUN and by words. */
  readonly #variables = new Map<string, string>();

  /** As BuildKit does, it always has a PATH, of which the image tells. */
  constructor(base: ImageConfig) {
    const hasPath = base.env.some((variable) => variable.startsWith("PATH="));
    this.config = hasPath ? base : { ...base, env: [...base.env, `PATH=${defaultPath}`] };
    for (const variable of this.config.env) {
      const equals = variable.indexOf("=");
      if (equals > 0) this.#variables.set(variable.slice(0, equals), variable.slice(equals + 1));
    }
  }

  readonly lookup = (name: string): string | undefined => this.#variables.get(name);

  /** What a program gets. */
  get environment(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#variables);
  }

  get shell(): readonly string[] {
    return this.config.shell.length > 0 ? this.config.shell : defaultShell;
  }

  /** Absolute. */
  get directory(): string {
    return this.config.workingDirectory === "" ? "/" : this.config.workingDirectory;
  }

  setArgument(name: string, value: string): void {
    this.#variables.set(name, value);
  }

  setVariables(pairs: readonly Required<Pair>[]): void {
    const env = [...this.config.env];
    for (const { name, value } of pairs) {
      this.#variables.set(name, value);
      const at = env.findIndex((one) => one.startsWith(`${name}=`));
      env.splice(at === -1 ? env.length : at, 1, `${name}=${value}`);
    }
    this.update({ env });
  }

  setCmd(cmd: readonly string[]): void {
    this.#ownsCmd = true;
    this.update({ cmd });
  }

  /** That of the base was meant for the base's entry point. */
  setEntrypoint(entrypoint: readonly string[]): void {
    this.update(this.#ownsCmd ? { entrypoint } : { entrypoint, cmd: [] });
  }

  update(changes: Partial<ImageConfig>): void {
    this.config = { ...this.config, ...changes };
  }
}
