// What goes wrong at servers of tests. Knows no protocol.

/** Which request it is: of which kind, and the how manieth of all, from 1. */
export interface Asked {
  readonly kind: "abilities" | "result" | "give-result" | "missing" | "read" | "give" | "other";
  readonly count: number;
  /** How often a request of this kind for the same thing came before. */
  readonly earlier: number;
  /** From which byte of its blob on it is; 0 where it is about a whole one, or none. */
  readonly offset: number;
}

/** What a server does with a request; undefined: what it should. */
export type Fault =
  /** It answers that it cannot just now. */
  | "unavailable"
  /** It answers that the client may not. */
  | "denied"
  /** It answers that it has no room. */
  | "full"
  /** It answers, and says of each blob that it has no room for it. */
  | "crowded"
  /** It never answers. */
  | "silent"
  /** It breaks the connection off, in the middle of the answer where there is one. */
  | "reset"
  /** It says that it has no such thing. */
  | "gone"
  /** It gives other bytes of the same length. */
  | "wrong"
  /** It gives half of them. */
  | "half"
  /** It says that it lacks nothing. */
  | "boasting"
  /** It asks clients to go elsewhere, and ends the connection when what runs is over. */
  | "goaway"
  /** It does so, and ends the connection at once, in the middle of the answer where there is one. */
  | "cut"
  /** It stops in the middle of the answer, and never goes on. */
  | "stalled"
  /** It gives a byte now and then from the middle of the answer on. */
  | "dripping"
  /** It takes its time. */
  | "late"
  | undefined;

/** Decides over each request. */
export type Faults = (asked: Asked) => Fault;

/** Counts requests, and asks `faults` about each. */
export function faultCounter(faults: () => Faults) {
  let count = 0;
  const byThing = new Map<string, number>();
  return (kind: Asked["kind"], thing: string, offset = 0): Fault => {
    const key = `${kind} ${thing}`;
    const earlier = byThing.get(key) ?? 0;
    byThing.set(key, earlier + 1);
    count += 1;
    return faults()({ kind, count, earlier, offset });
  };
}

/** How long an answer that is late takes at least, in milliseconds. */
export const lateMs = 30;

/** How long it takes from byte to byte where they drip, in milliseconds. */
export const dripMs = 20;

/** Whether `fault` leaves only half of an answer. */
export function endsMidway(fault: Fault): boolean {
  return ["reset", "cut", "stalled", "dripping"].includes(fault ?? "");
}

/** `bytes` as `fault` has them. */
export function damaged(bytes: Buffer, fault: Fault): Buffer {
  if (fault === "half") return bytes.subarray(0, Math.floor(bytes.length / 2));
  if (fault !== "wrong" || bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  copy[0] = copy.readUInt8(0) ^ 0xff;
  return copy;
}

/** A server of a test. What it keeps, a test may look at and change. */
export interface FaultyServer {
  readonly address: string;
  /** By key. */
  readonly results: Map<string, Buffer>;
  /** By digest in hex. */
  readonly blobs: Map<string, Buffer>;
  /** How many requests came of each kind; `resumed`: those that began in the middle of a blob. */
  readonly asked: Map<string, number>;
  faults: Faults;
  readonly stop: () => Promise<void>;
}
