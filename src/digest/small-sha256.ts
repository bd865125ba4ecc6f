// SHA-256 for a few hundred bytes. Loads nothing: Node's cryptography takes longer to load.

/** The digest of the UTF-8 of `text`, in 64 hexadecimal digits. Source: FIPS 180-4. */
export function smallSha256(text: string): string {
  const blocks = paddedBytesOf(text);
  const state = fractionsOfRoots(8, 1 / 2);
  const constants = fractionsOfRoots(64, 1 / 3);
  for (let at = 0; at < blocks.byteLength; at += 64) {
    takeIn(state, scheduleOf(new DataView(blocks.buffer, at, 64)), constants);
  }
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** The text, a bit, zeros, and the number of bits at the end of the last block of 64 bytes. */
function paddedBytesOf(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(64 * (((bytes.byteLength + 8) >>> 6) + 1));
  padded.set(bytes);
  padded[bytes.byteLength] = 0x80;
  new DataView(padded.buffer).setBigUint64(padded.byteLength - 8, 8n * BigInt(bytes.byteLength));
  return padded;
}

/** The first 32 bits of the fractions of the roots of the first `count` primes. */
function fractionsOfRoots(count: number, power: number): Int32Array {
  const primes: number[] = [];
  for (let next = 2; primes.length < count; next++) {
    if (primes.every((prime) => next % prime !== 0)) primes.push(next);
  }
  return Int32Array.from(primes, (prime) => (prime ** power % 1) * 2 ** 32);
}

function scheduleOf(block: DataView): Int32Array {
  const words = new Int32Array(64);
  for (let i = 0; i < 16; i++) words[i] = block.getInt32(4 * i);
  for (let i = 16; i < 64; i++) {
    const [early, late] = [words[i - 15]!, words[i - 2]!];
    const one = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    const two = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
    words[i] = words[i - 16]! + one + words[i - 7]! + two;
  }
  return words;
}

function takeIn(state: Int32Array, words: Int32Array, constants: Int32Array): void {
  let [a, b, c, d, e, f, g, h] = state as unknown as Eight;
  for (let i = 0; i < 64; i++) {
    const choice = (e & f) ^ (~e & g);
    const one = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const added = (h + one + choice + constants[i]! + words[i]!) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const two = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    [h, g, f, e] = [g, f, e, (d + added) | 0];
    [d, c, b, a] = [c, b, a, (added + two + majority) | 0];
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i]! += word;
}

type Eight = readonly [number, number, number, number, number, number, number, number];

function turned(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
