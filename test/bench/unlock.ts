import { scrypt } from 'node:crypto';
import { PRODUCT_COST } from '../../electron/services/vault/kdf.ts';
import { tempFolder } from '../support/temp.ts';
import { diskFiles, openVault, PASSPHRASE } from '../support/vault.ts';
import type { Bench } from './bench.ts';

const CREDENTIALS = 50;

function bareScrypt(): Promise<void> {
  const { N, r, p } = PRODUCT_COST;
  const maxmem = 256 * N * r;
  return new Promise((resolve, reject) => {
    scrypt(PASSPHRASE, 'a salt of 16 b..', 32, { N, r, p, maxmem }, (error) => (error ? reject(error) : resolve()));
  });
}

async function timeMs(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** From the passphrase to open credentials, with the product's cost: reads, derives, proves the file, decrypts. */
const unlock: Bench = {
  id: 'unlock',
  async run({ quick }) {
    using folder = tempFolder('bench-unlock');
    const files = diskFiles(folder.path);
    const { vault } = await openVault(files, { cost: PRODUCT_COST });
    await vault.enrol('alex', PASSPHRASE, null);
    const alex = await vault.unlock('alex', PASSPHRASE);
    for (let index = 0; index < CREDENTIALS; index += 1) await vault.setCredential(`name-${index}`, `value ${index}`);
    alex.dispose();
    const rounds = quick ? 3 : 15;
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      // In turn, so that what else the machine does falls on both.
      bare.push(await timeMs(bareScrypt));
      ours.push(
        await timeMs(async () => {
          const keyring = await vault.unlock('alex', PASSPHRASE);
          vault.credential('name-0');
          keyring.dispose();
        }),
      );
    }
    return [
      {
        id: 'unlock',
        value: median(ours),
        unit: 'ms',
        compare: 'bare scrypt of the same cost',
        against: median(bare),
        runs: rounds,
      },
    ];
  },
};

export const benches: Bench[] = [unlock];
