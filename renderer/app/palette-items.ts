import type { FlagRow } from '../../shared/model/flag.ts';

export type PaletteItem =
  | { readonly kind: 'view'; readonly id: string; readonly path: string; readonly words: string }
  | { readonly kind: 'kill' | 'flag'; readonly id: string; readonly row: FlagRow; readonly words: string }
  | { readonly kind: 'service'; readonly id: string; readonly service: string; readonly words: string }
  | { readonly kind: 'kill-service'; readonly id: string; readonly service: string; readonly words: string }
  | { readonly kind: 'kill-set'; readonly id: string; readonly killSet: string; readonly words: string }
  | { readonly kind: 'action'; readonly id: string; readonly run: () => void; readonly words: string };

const MOST_FLAGS = 8;
const MOST_OTHER = 12;

interface Question {
  readonly query: string;
  readonly rows: readonly FlagRow[];
  readonly others: readonly PaletteItem[];
  /** Words of a flag's items. */
  readonly open: (key: string) => string;
  readonly kill: (key: string) => string;
  readonly service: (service: string) => string;
  readonly killService: (service: string) => string;
}

/**
 * What the palette offers: every word typed must be found. Flags whose key begins with the query come first; each is
 * offered to open and to kill, the kill first when the query says so.
 */
export function paletteItems(question: Question): PaletteItem[] {
  const words = question.query.toLowerCase().split(/\s+/).filter(Boolean);
  const killFirst = words[0] === 'kill';
  const wanted = killFirst ? words.slice(1) : words;
  const matches = (text: string, terms: readonly string[]) => terms.every((term) => text.includes(term));
  if (words.length === 0) return question.others.slice(0, MOST_OTHER);

  const flags: FlagRow[] = [];
  const services = new Set<string>();
  for (const row of question.rows) {
    for (const service of row.services) services.add(service);
    if (wanted.length > 0 && matches(row.key.toLowerCase(), wanted)) flags.push(row);
  }
  const first = wanted[0] ?? '';
  flags.sort(
    (a, b) => rank(a.key, first) - rank(b.key, first) || a.key.length - b.key.length || (a.key < b.key ? -1 : 1),
  );
  const found = flags.slice(0, MOST_FLAGS).flatMap((row): PaletteItem[] => {
    const id = `${row.connection}/${row.key}`;
    const open: PaletteItem = { kind: 'flag', id: `open ${id}`, row, words: question.open(row.key) };
    if (!row.killable || row.killed) return [open];
    const kill: PaletteItem = { kind: 'kill', id: `kill ${id}`, row, words: question.kill(row.key) };
    return killFirst ? [kill, open] : [open, kill];
  });
  const others = question.others.filter((item) => matches(item.words.toLowerCase(), words));
  const ofServices = [...services]
    .sort()
    .flatMap((service): PaletteItem[] => {
      const list = { kind: 'service', id: `service ${service}`, service, words: question.service(service) } as const;
      const words = question.killService(service);
      const kill = { kind: 'kill-service', id: `kill service ${service}`, service, words } as const;
      return killFirst ? [kill, list] : [list, kill];
    })
    .filter((item) => matches(item.words.toLowerCase(), wanted));
  const sets = others.filter((item) => item.kind === 'kill-set');
  const rest = others.filter((item) => item.kind !== 'kill-set');
  return [...found, ...sets, ...ofServices.slice(0, 4), ...rest].slice(0, MOST_FLAGS * 2 + MOST_OTHER);
}

function rank(key: string, term: string): number {
  const lower = key.toLowerCase();
  return lower === term ? 0 : lower.startsWith(term) ? 1 : 2;
}
