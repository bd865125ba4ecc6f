/** The outside world, made once in main.ts. Everything else asks for the members it needs. */
export interface Host {
  /** Milliseconds since some moment, never running backwards: for durations and time-outs. */
  readonly now: () => number;
  /** Milliseconds since 1970, as the machine's clock has it: for ages of files and for logs. */
  readonly epochMs: () => number;
  /** The environment that kraft-graph was started with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly workingDirectory: string;
  readonly cpus: number;
  readonly processId: number;
  /** As Node names it: `x64`, `arm64`, … */
  readonly architecture: string;
  /**
   * Sends `signal` to a process, or to the process group of which `processId` is the negative.
   * Throws when there is none. Signal 0 only asks whether there is one.
   */
  readonly kill: (processId: number, signal: NodeJS.Signals | 0) => void;
  /** Gives memory that is no longer in use back to the system; absent: whenever it sees fit. */
  readonly releaseMemory?: () => void;
  /** Has what is gone at once take up to 50 MB more, and less time; absent: as much as it sees fit. */
  readonly spendYoungMemory?: () => void;
  /** Has what is short-lived take more memory and less time; absent: as much as it sees fit. */
  readonly spendMemory?: () => void;
}
