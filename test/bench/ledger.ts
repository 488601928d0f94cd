import { deviceIdOf } from '../../electron/services/signing/device-id.ts';
import { createPublicKey, verify } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { createLedgerStore, openDataFolderDatabase } from '../../electron/platform/sqlite/ledger-store.ts';
import { createEntryWriter } from '../../electron/services/ledger/entry-row.ts';
import { createLedger } from '../../electron/services/ledger/ledger.ts';
import type { LedgerRow } from '../../electron/services/ledger/store.ts';
import { createChainVerifier, FIRST_PREVIOUS, signedText, verifyChain } from '../../electron/services/ledger/verify.ts';
import type { EntryData } from '../../shared/model/entry.ts';
import { newSigner, TRUST_ALL } from '../support/ledger.ts';
import { tempFolder } from '../support/temp.ts';
import type { Bench } from './bench.ts';

/** An entry of common size: a flag seen to change, about 700 bytes of body. */
function sample(index: number): EntryData {
  return {
    kind: 'flag.seen-changed',
    revision: `sha256-${index.toString(16).padStart(64, '0')}`,
    marker: {
      id: `marker-${index}`,
      kind: 'flag',
      atMs: 1_700_000_000_000 + index,
      approximate: true,
      environment: 'production',
      connection: 'flags',
      subject: `checkout.payment-retry-${index % 50}`,
      services: ['checkout', 'payments'],
      fromPercentage: 0,
      toPercentage: 20,
      ours: false,
      by: null,
    },
  };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function timesMs(rounds: number, run: (index: number) => void): number[] {
  const times: number[] = [];
  for (let index = 0; index < rounds; index += 1) {
    const began = performance.now();
    run(index);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b);
}

const append: Bench = {
  id: 'ledger-append',
  async run({ quick }) {
    using folder = tempFolder('bench-append');
    const rounds = quick ? 200 : 2000;
    const database = openDataFolderDatabase(folder.path);
    const ledger = createLedger({
      store: createLedgerStore(database),
      signer: newSigner(),
      clock: Date,
      product: 'bench',
    });
    const bytes = Buffer.from(JSON.stringify(ledger.append(sample(0))));
    const bare = openSync(folder.at('bare'), 'a');
    timesMs(50, (index) => void ledger.append(sample(index)));
    const ours = timesMs(rounds, (index) => void ledger.append(sample(index)));
    const theirs = timesMs(rounds, () => {
      writeSync(bare, bytes);
      fsyncSync(bare);
    });
    closeSync(bare);
    database.close();
    return [0.5, 0.99].map((share) => ({
      id: `ledger-append:p${share * 100}`,
      value: percentile(ours, share),
      unit: 'ms',
      compare: 'bare append of the same bytes to a file, with fsync',
      against: percentile(theirs, share),
      runs: rounds,
    }));
  },
};

const verifying: Bench = {
  id: 'ledger-verify',
  async run({ quick }) {
    using folder = tempFolder('bench-verify');
    const entries = quick ? 500 : 5000;
    const database = openDataFolderDatabase(folder.path);
    const store = createLedgerStore(database);
    const signer = newSigner();
    const ledger = createLedger({ store, signer, clock: Date, product: 'bench' });
    // One transaction: this benchmark is about reading.
    database.exec('BEGIN');
    while (ledger.head().entries < entries) ledger.append(sample(ledger.head().entries));
    database.exec('COMMIT');

    const key = createPublicKey({ key: Buffer.from(signer.publicKey, 'base64url'), format: 'der', type: 'spki' });
    const signed = [...store.rows(ledger.device)].map((row) => ({
      message: Buffer.from(signedText(row.hash)),
      signature: Buffer.from(row.signature, 'base64url'),
    }));
    const bareRound = () => {
      for (const { message, signature } of signed) if (!verify(null, message, key, signature)) throw new Error('bad');
    };
    const ourRound = () => {
      const { problem } = verifyChain(store.rows(ledger.device));
      if (problem !== null) throw new Error(problem.what);
    };
    // In turn, so that what else the machine does falls on both; the quickest round of each is the least disturbed.
    const rounds = quick ? 3 : 7;
    let bare = Number.POSITIVE_INFINITY;
    let ours = Number.POSITIVE_INFINITY;
    for (let round = 0; round < rounds; round += 1) {
      bare = Math.min(bare, timesMs(1, bareRound)[0] ?? bare);
      ours = Math.min(ours, timesMs(1, ourRound)[0] ?? ours);
    }
    database.close();
    return [
      {
        id: 'ledger-verify',
        value: bare / ours,
        unit: 'share of bare Ed25519 verify speed',
        compare: 'bare Ed25519 verify of the same signatures, entries per second',
        against: (entries / bare) * 1000,
        runs: rounds,
      },
    ];
  },
};

/** Rows that one call of the team's store gives. */
const GIVEN = 500;

const merging: Bench = {
  id: 'ledger-merge',
  async run({ quick }) {
    const devices = 4;
    const entries = quick ? 2_000 : 100_000;
    const chains = Array.from({ length: devices }, () => memoryChain(entries / devices));
    const rows = chains.flat();
    // In turn with the merging, chain by chain: what else the machine does falls on both.
    using folder = tempFolder('bench-merge');
    const database = openDataFolderDatabase(folder.path);
    const store = createLedgerStore(database);
    const ledger = createLedger({ store, signer: newSigner(), clock: Date, product: 'bench' });
    let bareMs = 0;
    let mergeMs = 0;
    for (const chain of chains) {
      const verifier = createChainVerifier();
      for (let from = 0; from < chain.length; from += GIVEN) {
        const given = chain.slice(from, from + GIVEN);
        const began = performance.now();
        for (const row of given) if (!verifier.take(row)) throw new Error(verifier.end().problem?.what);
        const between = performance.now();
        const { taken } = ledger.receive(given, TRUST_ALL);
        mergeMs += performance.now() - between;
        bareMs += between - began;
        if (taken !== given.length) throw new Error(`took ${taken} of ${given.length}`);
      }
    }
    const page = timesMs(quick ? 3 : 20, () => {
      const { total } = ledger.timeline({ offset: 0, limit: 100 });
      if (total < rows.length) throw new Error(`${total} entries`);
    });
    const search = timesMs(quick ? 3 : 20, () => {
      if (ledger.timeline({ offset: 0, limit: 100, search: 'Payment-Retry-7' }).total === 0) throw new Error('none');
    });
    database.close();
    const perSecond = (ms: number) => (entries / ms) * 1000;
    return [
      {
        id: 'ledger-merge',
        value: bareMs / mergeMs,
        unit: 'share of the speed of bare verify',
        compare: `bare verify of the same chains in memory, entries per second; merged into SQLite ${Math.round(perSecond(mergeMs))}`,
        against: perSecond(bareMs),
        runs: 1,
      },
      {
        id: 'ledger-merge:timeline',
        value: percentile(page, 0.5),
        unit: `ms for the first page and the number of ${entries} entries`,
        compare: 'the same with a search for a word, ms',
        against: percentile(search, 0.5),
        runs: page.length,
      },
    ];
  },
};

/** A chain of another device, as rows. */
function memoryChain(entries: number): LedgerRow[] {
  const rows: LedgerRow[] = [];
  const signer = newSigner();
  const device = deviceIdOf(signer.publicKey);
  const write = createEntryWriter(device, signer);
  for (let index = 0; index < entries; index += 1) {
    const data: EntryData =
      index === 0 ? { kind: 'device.created', publicKey: signer.publicKey, product: 'bench' } : sample(index);
    const last = rows.at(-1) ?? { sequence: 0, hash: FIRST_PREVIOUS };
    rows.push(write(data, null, 1_700_000_000_000 + index * 1000, last).row);
  }
  return rows;
}

export const benches: Bench[] = [append, verifying, merging];
