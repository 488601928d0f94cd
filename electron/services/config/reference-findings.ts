import { nearName } from '../../../shared/rules/naming.ts';
import type { Finding } from './explain-issue.ts';
import { type Path, valueAt } from './locate.ts';
import { redact, showValue } from './show-value.ts';

/** One item of a list of the file, and where it stands. */
export interface Item {
  readonly path: Path;
  readonly value: unknown;
}

/** Collects what one part of the file says wrongly of another. */
export class ReferenceFindings {
  readonly found: Finding[] = [];

  /** A name that is not there; `names` are those that are, `what` says what is wanted where there are none. */
  unknownName(
    path: Path,
    at: 'key' | 'value',
    value: string,
    message: string,
    names: Iterable<string>,
    what: string,
  ): void {
    const known = [...names].filter((name) => name !== '');
    const near = nearName(value, known);
    const expected = known.length > 0 ? `one of: ${known.join(', ')}` : what;
    this.add(path, at, value, near ? `${message}; did you mean ${near}?` : message, expected);
  }

  /** Each item whose id an earlier one has. */
  once(items: readonly Item[], what: string, idOf: (item: Item) => string | null, key = 'id'): void {
    const seen = new Set<string>();
    for (const item of items) {
      const id = idOf(item);
      if (id === null) continue;
      if (seen.has(id)) {
        this.add([...item.path, key], 'value', valueAt(item.value, [key]), `${what} ${id} is there twice`, 'each once');
      }
      seen.add(id);
    }
  }

  add(path: Path, at: 'key' | 'value', value: unknown, message: string, expected: string): void {
    const shown = showValue(value, at === 'key' ? [] : path);
    this.found.push({ path, at, value: shown, message: redact(message), expected });
  }
}

export function listAt(value: unknown, path: Path, parent: Path = []): Item[] {
  const list = valueAt(value, path);
  if (!Array.isArray(list)) return [];
  return list.map((item: unknown, index) => ({ path: [...parent, ...path, index], value: item }));
}

export function namesIn(value: unknown): string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}

export function textAt(value: unknown, key: string): string | null {
  const found = valueAt(value, [key]);
  return typeof found === 'string' ? found : null;
}
