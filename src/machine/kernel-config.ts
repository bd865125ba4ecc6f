// The resolved configuration of a kernel, as far as booting depends on it.

/** The lines of a `.config` that set a symbol: values as written, strings in their quotes. */
export type KernelConfig = ReadonlyMap<string, string>;

/**
 * The symbols that the `.config` with `text` sets; `# CONFIG_X is not set` sets none. As in
 * Kconfig, the last of several lines for a symbol counts.
 */
export function parseKernelConfig(text: string): KernelConfig {
  const lines = text.matchAll(/^(CONFIG_\w+)=(.*?)\r?$/gm);
  return new Map([...lines].map(([, symbol = "", value = ""]) => [symbol, value]));
}

/** Whether `symbol` is set to `y`. */
export function isEnabled(config: KernelConfig, symbol: string): boolean {
  return config.get(symbol) === "y";
}
