import { z } from 'zod';
import { exposureSchema, flagTypeSchema, offMeaningSchema, variantSchema } from '../../../shared/model/flag.ts';
import type { Cell, Interner } from './cell.ts';

/** Last known state of one environment, on disk (E1). */
export interface CachedEnvironment {
  readonly readAtMs: number;
  readonly mark: string | null;
  readonly providerEnvironment: string;
  readonly cells: Map<string, Cell>;
}

const EXPOSURES = exposureSchema.options;
const MEANINGS = offMeaningSchema.options;
const TYPES = flagTypeSchema.options;
const FORMAT = 2;

/** Texts are kept once in `texts`; a row holds their places. -1 is null. */
const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  hints: z.string(),
  readAtMs: z.number(),
  mark: z.string().nullable(),
  providerEnvironment: z.string(),
  texts: z.array(z.string()),
  rows: z.array(z.unknown()),
});

/** What is other than in the list that was written at `base`: small, so that one changed flag costs next to nothing. */
const deltaSchema = fileSchema.extend({ base: z.number(), removed: z.array(z.string()) });

/** Key, revision, exposure, percentage, killed, off meaning, then places of texts; see `writeCache` for the order. */
type Row = [
  key: string,
  revision: string,
  exposure: number,
  percentage: number | null,
  killed: number,
  offMeaning: number,
  serves: number,
  targeting: number,
  variants: number,
  safeDefault: number,
  description: number,
  type: number,
  owner: number,
  tags: number,
  changedAtMs: number | null,
  changedBy: number,
  stale: number,
  lastSeenAtMs: number | null,
];

const NUMBERS = [2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16];
const NUMBERS_OR_NULL = [3, 14, 17];

/** By hand: a schema would take 0.3 s for 50,000 rows of our own writing, and the page waits for them. */
function isRow(value: unknown): value is Row {
  return (
    Array.isArray(value) &&
    value.length === 18 &&
    typeof value[0] === 'string' &&
    typeof value[1] === 'string' &&
    NUMBERS.every((index) => Number.isInteger(value[index])) &&
    NUMBERS_OR_NULL.every((index) => value[index] === null || typeof value[index] === 'number')
  );
}

const variantsSchema = z.array(variantSchema);
const tagsSchema = z.array(z.string());

/** Rows of the cells, and the texts that they point to. */
function encode(cells: Iterable<readonly [string, Cell]>): { texts: string[]; rows: Row[] } {
  const texts: string[] = [];
  const places = new Map<string, number>();
  const place = (text: string | null): number => {
    if (text === null) return -1;
    const known = places.get(text);
    if (known !== undefined) return known;
    places.set(text, texts.length);
    return texts.push(text) - 1;
  };
  const json = new Map<unknown, string>();
  const jsonOf = (list: unknown): string => {
    const known = json.get(list);
    if (known !== undefined) return known;
    const made = JSON.stringify(list);
    json.set(list, made);
    return made;
  };
  const rows = Array.from(cells, ([key, cell]): Row => {
    const { state } = cell;
    return [
      key,
      state.revision,
      EXPOSURES.indexOf(state.exposure),
      state.percentage,
      state.killed ? 1 : 0,
      MEANINGS.indexOf(state.offMeaning),
      place(state.serves),
      place(state.targeting),
      place(jsonOf(cell.variants)),
      place(cell.safeDefault),
      place(cell.description),
      cell.type === null ? -1 : TYPES.indexOf(cell.type),
      place(cell.owner),
      place(jsonOf(cell.tags)),
      cell.changedAtMs,
      place(cell.changedBy),
      cell.stale ? 1 : 0,
      cell.lastSeenAtMs,
    ];
  });
  return { texts, rows };
}

/** Null when a row is damaged. */
function decode(file: { texts: string[]; rows: unknown[] }, interner: Interner): Map<string, Cell> | null {
  const at = (place: number): string | null => (place < 0 ? null : interner.text(file.texts[place] ?? null));
  const cells = new Map<string, Cell>();
  for (const row of file.rows) {
    if (!isRow(row)) return null;
    const exposure = EXPOSURES[row[2]];
    const offMeaning = MEANINGS[row[5]];
    if (!exposure || !offMeaning) return null;
    const variants = at(row[8]) ?? '[]';
    const tags = at(row[13]) ?? '[]';
    cells.set(row[0], {
      state: {
        exposure,
        percentage: row[3],
        serves: at(row[6]),
        targeting: at(row[7]),
        killed: row[4] === 1,
        offMeaning,
        revision: row[1],
      },
      variants: interner.variants(variants, () => variantsSchema.parse(JSON.parse(variants))),
      safeDefault: at(row[9]),
      description: at(row[10]),
      type: TYPES[row[11]] ?? null,
      owner: at(row[12]),
      tags: interner.tags(tags, () => tagsSchema.parse(JSON.parse(tags))),
      changedAtMs: row[14],
      changedBy: at(row[15]),
      stale: row[16] === 1,
      lastSeenAtMs: row[17],
    });
  }
  return cells;
}

export function writeCache(environment: CachedEnvironment, hints: string): string {
  const { readAtMs, mark, providerEnvironment, cells } = environment;
  const file: z.infer<typeof fileSchema> = {
    format: FORMAT,
    hints,
    readAtMs,
    mark,
    providerEnvironment,
    ...encode(cells),
  };
  return JSON.stringify(file);
}

/** Of the flags `keys` alone, over the list that was written at `base`; those that are no more are noted as removed. */
export function writeDelta(
  environment: CachedEnvironment,
  hints: string,
  base: number,
  keys: ReadonlySet<string>,
): string {
  const { readAtMs, mark, providerEnvironment, cells } = environment;
  const present: (readonly [string, Cell])[] = [];
  const removed: string[] = [];
  for (const key of keys) {
    const cell = cells.get(key);
    if (cell) present.push([key, cell]);
    else removed.push(key);
  }
  const file: z.infer<typeof deltaSchema> = {
    format: FORMAT,
    hints,
    readAtMs,
    mark,
    providerEnvironment,
    ...encode(present),
    base,
    removed,
  };
  return JSON.stringify(file);
}

/** Null when the text is of another format, was read under other hints, or is damaged: it is then read anew. */
export function readCache(text: string, hints: string, interner: Interner): CachedEnvironment | null {
  try {
    const file = fileSchema.parse(JSON.parse(text));
    const cells = file.hints === hints ? decode(file, interner) : null;
    if (cells === null) return null;
    return { readAtMs: file.readAtMs, mark: file.mark, providerEnvironment: file.providerEnvironment, cells };
  } catch {
    return null;
  }
}

/** The list with what was written later, and the keys that this concerned; null when the text is of another list. */
export function readDelta(
  text: string,
  hints: string,
  list: CachedEnvironment,
  interner: Interner,
): { environment: CachedEnvironment; keys: Set<string> } | null {
  try {
    const file = deltaSchema.parse(JSON.parse(text));
    const changed = file.hints === hints && file.base === list.readAtMs ? decode(file, interner) : null;
    if (changed === null) return null;
    const cells = new Map(list.cells);
    for (const [key, cell] of changed) cells.set(key, cell);
    for (const key of file.removed) cells.delete(key);
    return {
      environment: { readAtMs: file.readAtMs, mark: file.mark, providerEnvironment: file.providerEnvironment, cells },
      keys: new Set([...changed.keys(), ...file.removed]),
    };
  } catch {
    return null;
  }
}
