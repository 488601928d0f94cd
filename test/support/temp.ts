import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TempFolder {
  readonly path: string;
  /** Path of a file in it. */
  at(...names: string[]): string;
  remove(): void;
}

/** A folder of the test's own; `using`-able, or removed by hand. */
export function tempFolder(label = 'test'): TempFolder & { [Symbol.dispose](): void } {
  const folder = mkdtempSync(path.join(tmpdir(), `scram-${label}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { path: folder, at: (...names) => path.join(folder, ...names), remove, [Symbol.dispose]: remove };
}
