import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLedgerStore, openDataFolderDatabase } from '../../../electron/platform/sqlite/ledger-store.ts';
import { createLedger } from '../../../electron/services/ledger/ledger.ts';
import { breach, memoryLedger, newSigner, steppingClock, TRUST_ALL } from '../../support/ledger.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

let folder: TempFolder;
let database: ReturnType<typeof openDataFolderDatabase>;
beforeEach(() => {
  folder = tempFolder('timeline');
  database = openDataFolderDatabase(folder.path);
});
afterEach(() => {
  database.close();
  folder.remove();
});

function world() {
  const ledger = createLedger({
    store: createLedgerStore(database),
    signer: newSigner(),
    clock: steppingClock(1_700_000_000_500),
    product: 'scram 0.0.0-test',
  });
  const other = memoryLedger(40);
  ledger.append({ kind: 'note.added', text: 'Zähler „p99“ is ROT; "rot" \\ 100% of_it', incident: null });
  ledger.append(breach(1));
  ledger.append({ kind: 'note.added', text: 'der Zähler fällt wieder', incident: 'INC-7' });
  ledger.receive(other.store.rowsNow, TRUST_ALL);
  const all = [...ledger.all()];
  const found = (query: Partial<Parameters<typeof ledger.timeline>[0]>) => {
    const { total, entries } = ledger.timeline({ offset: 0, limit: 500, ...query });
    return { total, said: entries.map(({ body: { device, sequence } }) => [device === ledger.device, sequence]) };
  };
  return { ledger, other, all, found };
}

describe('timeline', () => {
  it('D8: has the entries of every chain, newest first, page by page, with their number', () => {
    const { ledger, all, found } = world();
    const { total, said } = found({});
    expect(total).toBe(all.length);
    const times = ledger.timeline({ offset: 0, limit: 500 }).entries.map(({ body }) => body.atMs);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    const pages = [0, 20, 40, 60].flatMap((offset) => found({ offset, limit: 20 }).said);
    expect(pages).toEqual(said);
    expect(found({ offset: 1000 })).toEqual({ total, said: [] });
    expect(found({ offset: 1000, search: 'zähler' }).total).toBe(2);
  });

  it('D6: finds words in any case, all of them, and nothing that only the form of an entry holds', () => {
    const { found } = world();
    expect(found({ search: 'ZÄHLER' })).toEqual({
      total: 2,
      said: [
        [true, 4],
        [true, 2],
      ],
    });
    expect(found({ search: 'zähler rot' }).said).toEqual([[true, 2]]);
    expect(found({ search: '"rot" \\ 100% OF_IT' }).said).toEqual([[true, 2]]);
    expect(found({ search: 'of%it' }).total).toBe(0);
    expect(found({ search: 'inc-7' }).said).toEqual([[true, 4]]);
    expect(found({ search: 'note.added' }).total).toBe(2);
    expect(found({ search: 'dataHash' }).total).toBe(0);
    expect(found({ search: 'salt' }).total).toBe(0);
  });

  it('filters by kind, device and time, and by all of them', () => {
    const { ledger, other, found } = world();
    expect(found({ kinds: ['note.added', 'breach.began'], device: ledger.device }).said).toEqual([
      [true, 4],
      [true, 3],
      [true, 2],
    ]);
    expect(found({ kinds: [] }).total).toBe(0);
    expect(found({ device: other.ledger.device, kinds: ['breach.began'] }).total).toBe(39);
    const { atMs } = [...other.ledger.all()][9]?.body ?? { atMs: 0 };
    expect(found({ device: other.ledger.device, sinceMs: atMs - 0.5, untilMs: atMs + 0.5 }).said).toEqual([
      [false, 10],
    ]);
  });
});
