import { createPublicKey, verify } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { createLedgerStore, openDataFolderDatabase } from '../../electron/platform/sqlite/ledger-store.ts';
import { createLedger } from '../../electron/services/ledger/ledger.ts';
import { signedText, verifyChain } from '../../electron/services/ledger/verify.ts';
import type { EntryData } from '../../shared/model/entry.ts';
import { newSigner } from '../support/ledger.ts';
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

export const benches: Bench[] = [append, verifying];
