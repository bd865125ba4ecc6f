// How far something is that is sent or received → what users see of it. Knows no registry.

import { formatSize } from "./describe.ts";
import { LiveRegion, type ScreenSize } from "./live-region.ts";
import { fitTo } from "./text-width.ts";

/** Where it is told. */
export interface TransferOptions {
  /** Takes text; nobody waits for it. */
  readonly write: (text: string) => void;
  /** How large the terminal is just now; undefined: a file or a pipe, which gets lines. */
  readonly screen: () => ScreenSize | undefined;
  /** Milliseconds since some moment. */
  readonly now: () => number;
}

/** Tells of one transfer after another. */
export class TransferReport {
  readonly #options: TransferOptions;
  readonly #region: LiveRegion;
  #title = "";
  #bytes = 0;
  #total: number | undefined;
  /** Of the last few seconds. */
  #samples: { readonly ms: number; readonly bytes: number }[] = [];
  #spokeMs = 0;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#region = new LiveRegion(options.write);
  }

  /** A transfer begins, such as `pushing ghcr.io/me/app:1.0`. */
  begin(title: string): void {
    this.#title = title;
    this.#bytes = 0;
    this.#total = undefined;
    this.#spokeMs = this.#options.now();
    this.#samples = [{ ms: this.#spokeMs, bytes: 0 }];
  }

  /** `bytes` of `total` are done; undefined when nobody knows how many there are. */
  take(bytes: number, total: number | undefined): void {
    this.#bytes = bytes;
    this.#total = total;
  }

  /** To be called a few times a second. */
  tick(): void {
    if (this.#title === "") return;
    const ms = this.#options.now();
    this.#samples.push({ ms, bytes: this.#bytes });
    while ((this.#samples[1]?.ms ?? ms) <= ms - windowMs) this.#samples.shift();
    const screen = this.#options.screen();
    if (screen !== undefined) {
      // Some terminals say that they have no size at all.
      const lines = screen.columns < 2 ? [] : [fitTo(screen.columns - 1, this.#line())];
      this.#region.draw(lines, screen);
    } else if (ms - this.#spokeMs >= lineEveryMs) {
      this.#spokeMs = ms;
      this.#options.write(`${this.#line()}\n`);
    }
  }

  /** The transfer is over, however it went; its line is gone, so that others can write. */
  end(): void {
    this.#title = "";
    const screen = this.#options.screen();
    if (screen !== undefined) this.#region.draw([], screen);
  }

  /** `pushing app:1.0: 12 MiB of 40 MiB, 3.1 MiB/s` */
  #line(): string {
    const total = this.#total === undefined ? "" : ` of ${formatSize(this.#total)}`;
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    const ms = (last?.ms ?? 0) - (first?.ms ?? 0);
    const bytes = (last?.bytes ?? 0) - (first?.bytes ?? 0);
    const rate = ms <= 0 || bytes <= 0 ? "" : `, ${formatSize((bytes * 1000) / ms)}/s`;
    return `${this.#title}: ${formatSize(this.#bytes)}${total}${rate}`;
  }
}

/** Long enough that a rate does not jump about. */
const windowMs = 4000;
/** How often a log without a terminal is told. */
const lineEveryMs = 10_000;
