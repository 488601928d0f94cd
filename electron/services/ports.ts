/**
 * What services ask of the machine. Node's implementations are in `electron/platform`, tests give their own.
 * Services never import `electron/platform` or a provider: `compose.ts` hands them these.
 */

export interface Disposable {
  dispose(): void;
}

export interface Clock {
  /** Wall clock, epoch milliseconds. */
  now(): number;
  /** Runs once after `delayMs`; a pending timer never keeps the process alive, what fails goes to the log. */
  after(delayMs: number, run: () => void | Promise<void>): Disposable;
  /** Runs every `periodMs`, the next only after the last has settled; rejections go to the log. */
  every(periodMs: number, run: () => void | Promise<void>): Disposable;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Structured lines for the operator of the console. Secrets never come here; values are redacted all the same. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Random ids, sortable by time, for changes and correlation. */
export interface Ids {
  next(): string;
}
