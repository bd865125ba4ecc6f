// How much memory a machine has. Pure.

/** Bytes, or why `text` gives none. */
export type MemorySize =
  | { readonly kind: "memory"; readonly bytes: number }
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

const mebibyte = 2 ** 20;

const decimal = { "": 0, k: 1, M: 2, G: 3, T: 4, P: 5 } as const;
const binary = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5 } as const;
const factors = new Map<string, number>([
  ...Object.entries(decimal).map(([suffix, power]) => [suffix, 1000 ** power] as const),
  ...Object.entries(binary).map(([suffix, power]) => [suffix, 1024 ** power] as const),
]);

/**
 * The memory that `text` names, such as `64Mi`, `1.5Gi`, `128M`, `1e9` or plain bytes; at least
 * 1Mi. Fractions of a byte round up. Source: Kubernetes, resource quantities; the milli suffix
 * `m`, which is a slip of the pen for memory, is refused.
 */
export function parseMemory(text: string): MemorySize {
  const refused = (reason: string): MemorySize => ({ kind: "refused", reasons: [reason] });
  const match = /^(\d+\.?\d*|\.\d+)(?:([eE][+-]?\d+)|([A-Za-z]*))$/.exec(text.trim());
  const [, number = "", exponent = "", suffix = ""] = match ?? [];
  const factor = factors.get(suffix);
  if (match === null || factor === undefined) {
    const help = suggestionFor(number, suffix);
    return refused(`${text} is not an amount of memory${help}`);
  }
  const bytes = Math.ceil(Number(number + exponent) * factor);
  if (!Number.isSafeInteger(bytes)) return refused(`${text} is more than any machine has`);
  if (bytes < mebibyte) return refused(`${text} is too little: memory must be at least 1Mi`);
  return { kind: "memory", bytes };
}

function suggestionFor(number: string, suffix: string): string {
  const letter = suffix.charAt(0).toUpperCase();
  if (number === "" || !factors.has(`${letter}i`)) return ", such as 64Mi or 1Gi";
  return `; did you mean ${number}${letter}i?`;
}

/**
 * Memory for a machine that was given none: KraftKit's 64 MiB, but for larger images four times
 * kernel and initrd, rounded up to 16 MiB. The initrd is in memory as loaded and a second time as
 * the files extracted from it, and the kernel needs a heap beside them: with a fixed 64 MiB,
 * images with a large rootfs fail at boot with messages that do not name memory.
 */
export function defaultMemoryBytes(kernelBytes: number, initrdBytes: number): number {
  const step = 16 * mebibyte;
  const wanted = Math.ceil((4 * (kernelBytes + initrdBytes)) / step) * step;
  return Math.max(64 * mebibyte, wanted);
}

/** `bytes` in the unit that monitors take, rounded up. */
export function mebibytesOf(bytes: number): number {
  return Math.ceil(bytes / mebibyte);
}
