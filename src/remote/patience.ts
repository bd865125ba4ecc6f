// When a request has taken too long. Knows no protocol.

/**
 * How much has to come, or go, while a request waits as long as it may: a server that gives a byte now
 * and then holds a build up as one does that gives none. With the usual 30 s, it is 1 KiB a second.
 */
const leastBytes = 32 * 1024;

/** Calls `late` once fewer than `leastBytes` moved for `timeoutMs`. */
export class Patience {
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;
  isOver = false;

  constructor(timeoutMs: number, late: () => void) {
    this.#timer = setTimeout(() => {
      this.isOver = true;
      late();
    }, timeoutMs);
  }

  /** Notes that so many bytes moved. */
  moved(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < leastBytes) return;
    this.#bytes = 0;
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
