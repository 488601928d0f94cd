import { describe, expect, it } from 'vitest';
import { nextTryAtMs } from '../../electron/services/operators/throttle.ts';
import { ScramError } from '../../shared/model/error.ts';
import { memoryFiles, openVault, PASSPHRASE } from '../support/vault.ts';

const COST = { N: 2 ** 14, r: 8, p: 1 };

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

describe('022: a wrong passphrase (E2)', () => {
  it('100 times: each is refused alike, nothing is written, nothing is lost', async () => {
    const files = memoryFiles();
    const { vault, told } = await openVault(files);
    await vault.enrol('alex', PASSPHRASE, null);
    const alex = await vault.unlock('alex', PASSPHRASE);
    await vault.setCredential('flags', 'CANARY');
    alex.dispose();
    const before = { ...files.copies };
    const writes = files.written.length;
    const messages = new Set<string>();
    const tries = Array.from({ length: 100 }, (_, index) => PASSPHRASE.slice(0, index % PASSPHRASE.length));
    for (const passphrase of tries) {
      const error = await vault.unlock('alex', passphrase).catch((one) => one);
      expect(error).toBeInstanceOf(ScramError);
      expect(error.code).toBe('locked');
      expect(error.cause).toBeUndefined();
      messages.add(`${error.message}|${error.action}`);
    }
    expect(messages.size).toBe(1);
    expect(files.written).toHaveLength(writes);
    expect(files.copies).toEqual(before);
    expect([vault.open, vault.credentials().length, told]).toEqual([false, 1, []]);
    await vault.unlock('alex', PASSPHRASE);
    expect(vault.credential('flags')).toBe('CANARY');
  });

  it('100 at once take their turns, and the right one among them still gets in', async () => {
    const { vault } = await openVault(memoryFiles());
    await vault.enrol('alex', PASSPHRASE, null);
    const tries = Array.from({ length: 100 }, (_, index) => (index === 57 ? PASSPHRASE : `guess ${index}`));
    const results = await Promise.allSettled(tries.map((passphrase) => vault.unlock('alex', passphrase)));
    const opened = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    expect(opened).toEqual([57]);
  });

  it('100 times are slowed down to a minute each, and never locked out for good', () => {
    const failures: number[] = [];
    let nowMs = 0;
    for (let count = 0; count < 100; count += 1) {
      nowMs = nextTryAtMs(failures, nowMs) ?? nowMs;
      failures.push(nowMs);
    }
    expect(nowMs).toBeGreaterThan(85 * 60_000);
    expect(nextTryAtMs(failures, nowMs + 60_000)).toBeNull();
  });

  it('takes as long for somebody without a key here as for somebody with one', async () => {
    const { vault } = await openVault(memoryFiles(), { cost: COST });
    await vault.enrol('alex', PASSPHRASE, null);
    const times: Record<string, number[]> = { alex: [], nobody: [] };
    for (let round = 0; round < 15; round += 1) {
      for (const operator of ['alex', 'nobody']) {
        const began = performance.now();
        await vault.unlock(operator, 'wrong').catch(() => undefined);
        times[operator]!.push(performance.now() - began);
      }
    }
    const ratio = median(times.alex!) / median(times.nobody!);
    expect(ratio).toBeGreaterThan(1 / 3);
    expect(ratio).toBeLessThan(3);
  });
});
