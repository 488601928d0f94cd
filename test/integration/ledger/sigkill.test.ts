import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLedgerStoreReadOnly } from '../../../electron/platform/sqlite/ledger-store.ts';
import { createLedgerReader, ownDevice } from '../../../electron/services/ledger/reader.ts';
import { NODE } from '../../support/processes.ts';
import { tempFolder } from '../../support/temp.ts';

const KILLS = 100;
const CHILD = path.join(import.meta.dirname, 'append-child.ts');
/** Two at a time: each has a folder of its own. */
const LANES = 2;

/** mulberry32, so that a failing run can be repeated by its printed seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Runs the child and kills it `delayMs` after it is ready; what it acknowledged, as `[sequence, hash]`. */
async function appendUntilKilled(folder: string, delayMs: number): Promise<[number, string][]> {
  const child = spawn(NODE, [CHILD, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  let timer: NodeJS.Timeout | undefined;
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    timer ??= setTimeout(() => child.kill('SIGKILL'), delayMs);
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once('close', (...how) => resolve(how)),
  );
  clearTimeout(timer);
  expect({ code, signal, errors }).toEqual({ code: null, signal: 'SIGKILL', errors: '' });
  // The last line may be cut by the kill: it was then not acknowledged as far as anybody knows.
  const whole = output.slice(0, output.lastIndexOf('\n')).split('\n').slice(1);
  return whole.map((line) => {
    const [sequence = '', hash = ''] = line.split(' ');
    return [Number(sequence), hash];
  });
}

async function lane(kills: number, next: () => number): Promise<number> {
  using folder = tempFolder('sigkill');
  const acknowledged = new Map<number, string>();
  for (let kill = 0; kill < kills; kill += 1) {
    for (const [sequence, hash] of await appendUntilKilled(folder.path, next() * 25)) {
      expect(acknowledged.has(sequence)).toBe(false);
      acknowledged.set(sequence, hash);
    }
    const { store, close } = openLedgerStoreReadOnly(folder.path);
    const reader = createLedgerReader(store, ownDevice(store));
    expect(reader.verify()).toMatchObject({ verified: 'verified', problem: null });
    const kept = new Map([...store.rows(reader.device)].map((row) => [row.sequence, row.hash]));
    const lost = [...acknowledged].filter(([sequence, hash]) => kept.get(sequence) !== hash);
    expect(lost).toEqual([]);
    close();
  }
  return acknowledged.size;
}

describe('ledger under SIGKILL', () => {
  it(`D6: killed ${KILLS} times during appends, no acknowledged entry is lost and the chain verifies`, async () => {
    const seed = Number(process.env.SCRAM_SEED ?? Date.now() % 1_000_000);
    console.log(`seed ${seed} (repeat with SCRAM_SEED=${seed})`);
    const lanes = Array.from({ length: LANES }, (_, index) => lane(KILLS / LANES, random(seed + index)));
    const entries = (await Promise.all(lanes)).reduce((sum, count) => sum + count, 0);
    console.log(`${entries} entries acknowledged`);
    // Kills that only ever hit idle moments would prove nothing.
    expect(entries).toBeGreaterThan(KILLS);
  });
});
