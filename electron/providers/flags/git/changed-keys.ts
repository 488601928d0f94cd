import type { FlagFormat } from '../document/format.ts';

const HINTS = { polarity: 'enables', safeDefault: null } as const;

/** Keys of the flags that differ between two versions of a file; none when either of them cannot be understood. */
export function changedKeys(
  format: FlagFormat,
  fileName: string,
  before: Buffer | null,
  after: Buffer | null,
): readonly string[] {
  const revisionsOf = (bytes: Buffer | null): Map<string, string> => {
    if (bytes === null) return new Map();
    const document = format.open({ name: fileName, fileName }, bytes);
    return new Map(document.keys.map((key) => [key, document.flag(key, HINTS, '').state.revision]));
  };
  try {
    const [old, now] = [revisionsOf(before), revisionsOf(after)];
    return [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key));
  } catch {
    return [];
  }
}
