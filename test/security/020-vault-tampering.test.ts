import { beforeAll, describe, expect, it } from 'vitest';
import { ScramError } from '../../shared/model/error.ts';
import { memoryFiles, openVault, PASSPHRASE } from '../support/vault.ts';

const CREDENTIALS: Readonly<Record<string, string>> = {
  'flags-eu': 'CANARY-flags-eu-7f3a',
  'flags-us': 'CANARY-flags-us-91bc',
  late: 'CANARY-late-55aa',
};

interface Sample {
  readonly current: Buffer;
  /** Written before `late` was set. */
  readonly behind: Buffer;
  /** The same as the current one. */
  readonly level: Buffer;
}

let sample: Sample;

beforeAll(async () => {
  const files = memoryFiles();
  const { vault } = await openVault(files);
  const { publicKey } = await vault.enrol('alex', PASSPHRASE, null);
  const alex = await vault.unlock('alex', PASSPHRASE);
  const { publicKey: other } = await vault.enrol('sam', 'other', alex);
  for (const name of ['flags-eu', 'flags-us', 'break'])
    await vault.setCredential(name, CREDENTIALS[name] ?? 'sealed one');
  await vault.seal('break', [
    { operator: 'alex', publicKey },
    { operator: 'sam', publicKey: other },
  ]);
  await vault.setCredential('late', CREDENTIALS.late!);
  const current = Buffer.from(files.copies.current!);
  sample = { current, behind: Buffer.from(files.copies.previous!), level: current };
});

/** Opens the copies and says what came out. */
async function opened(current: Uint8Array | null, previous: Uint8Array | null) {
  const files = memoryFiles(current, previous);
  const { vault, told } = await openVault(files);
  try {
    const alex = await vault.unlock('alex', PASSPHRASE);
    const values = Object.fromEntries(vault.credentials().map(({ name }) => [name, vault.credential(name)]));
    const box = vault.sealed()[0]?.shares.find(({ operator }) => operator === 'alex')?.box;
    const share = box === undefined ? null : alex.openBox(box).length;
    return {
      files,
      told,
      values,
      share,
      error: null,
      people: vault
        .slots()
        .map(({ operator }) => operator)
        .sort(),
    };
  } catch (error) {
    return { files, told, values: null, share: null, error, people: [] };
  }
}

/** A share has the bytes of the checksum, of the value, and one of its own. */
const SHARE_BYTES = 32 + 'sealed one'.length + 1;
const WHOLE = { error: null, values: CREDENTIALS, people: ['alex', 'sam'], share: SHARE_BYTES };

function isNewer(error: unknown): boolean {
  return error instanceof ScramError && error.code === 'refused' && error.message.includes('later version');
}

function sameBytes(kept: Iterable<Uint8Array>, bytes: Uint8Array): boolean {
  return [...kept].some((one) => Buffer.compare(one, bytes) === 0);
}

describe('020: the vault tampered with (E2)', () => {
  it('is whole and silent when nobody touched it', async () => {
    expect(await opened(sample.current, sample.behind)).toMatchObject({ ...WHOLE, told: [] });
  });

  it('every single byte changed: nothing is wrong, damage is told and kept, nothing is lost', async () => {
    let silent = 0;
    for (let at = 0; at < sample.current.length; at += 1) {
      const damaged = Buffer.from(sample.current);
      damaged[at] = damaged[at]! ^ (1 << (at % 7));
      const result = await opened(damaged, sample.level);
      const where = `byte ${at}: ${sample.current.subarray(at, at + 20)}`;
      if (isNewer(result.error)) expect(result.told, where).not.toEqual([]);
      else expect(result, where).toMatchObject(WHOLE);
      if (result.told.length === 0) {
        // White space: it means the same.
        silent += 1;
        expect(JSON.parse(damaged.toString()), where).toEqual(JSON.parse(sample.current.toString()));
      } else if (result.error === null) {
        expect(sameBytes(result.files.kept.values(), damaged), where).toBe(true);
        const again = await opened(result.files.copies.current, result.files.copies.previous);
        expect(again, where).toMatchObject({ ...WHOLE, told: [] });
      }
    }
    expect(silent).toBeLessThan(sample.current.length / 4);
    expect(await opened(sample.level, null)).toMatchObject({ ...WHOLE, told: [] });
  });

  it('the same with no previous copy: what can be told is never wrong, and the rest is told', async () => {
    for (let at = 0; at < sample.current.length; at += 3) {
      const damaged = Buffer.from(sample.current);
      damaged[at] = damaged[at]! ^ 0x04;
      const { error, values, told, files } = await opened(damaged, null);
      if (error !== null) {
        expect(error).toBeInstanceOf(ScramError);
        expect(Buffer.compare(files.copies.current!, damaged)).toBe(0);
      }
      for (const [name, value] of Object.entries(values ?? {})) expect(value).toBe(CREDENTIALS[name]);
      if (error === null && Object.keys(values ?? {}).length < 3) expect(told).not.toEqual([]);
    }
  });

  it('every single byte of the previous copy changed: the one in force is not touched by it', async () => {
    for (let at = 0; at < sample.behind.length; at += 3) {
      const damaged = Buffer.from(sample.behind);
      damaged[at] = damaged[at]! ^ 0x02;
      const result = await opened(sample.current, damaged);
      expect(result).toMatchObject(WHOLE);
      expect(Buffer.compare(result.files.copies.current!, sample.current)).toBe(0);
    }
  });

  it('cut off at any length: the previous copy is in use, and what was cut is kept', async () => {
    for (let length = 0; length < sample.current.length - 2; length += 37) {
      const damaged = sample.current.subarray(0, length);
      const result = await opened(damaged, sample.behind);
      const { late: _late, ...before } = CREDENTIALS;
      expect(result).toMatchObject({ error: null, people: ['alex', 'sam'], share: SHARE_BYTES });
      expect(result.values).toEqual(before);
      expect(result.told.join()).toContain('vault.json could not be read');
      expect(sameBytes(result.files.kept.values(), damaged)).toBe(true);
    }
  });

  it('a part taken out, put twice, or put back from an old copy is seen', async () => {
    const edit = (change: (vault: { items: { name: string }[]; slots: object[]; sealed: object[] }) => void) => {
      const vault = JSON.parse(sample.current.toString());
      change(vault);
      return Buffer.from(JSON.stringify(vault));
    };
    const unsealed = JSON.parse(sample.behind.toString());
    for (const damaged of [
      edit((vault) => vault.items.pop()),
      edit((vault) => vault.slots.pop()),
      edit((vault) => vault.sealed.pop()),
      edit((vault) => vault.items.push(vault.items[0]!)),
      edit((vault) => vault.items.reverse()),
      edit((vault) => vault.items.splice(0, 3, ...unsealed.items)),
      edit((vault) => vault.items.map((item) => Object.assign(item, { name: 'flags-eu' }))),
    ]) {
      const result = await opened(damaged, sample.level);
      expect(result).toMatchObject(WHOLE);
      expect(result.told.join()).toContain('changed by something else');
    }
  });

  it('the value of one credential does not stand for another, nor an old one for a new one', async () => {
    const vault = JSON.parse(sample.current.toString());
    const [first, second, ...rest] = vault.items as Record<string, unknown>[];
    const swapped = [
      { ...second, name: first!.name },
      { ...first, name: second!.name },
    ];
    const newer = [
      { ...first, revision: 7 },
      { ...second, setAtMs: 1 },
    ];
    for (const items of [swapped, newer]) {
      const damaged = Buffer.from(JSON.stringify({ ...vault, items: [...items, ...rest] }));
      const alone = await opened(damaged, null);
      expect(alone.values).toEqual({ late: CREDENTIALS.late });
      expect(alone.told).toContain('the credential flags-eu could not be read and was set aside');
      expect(await opened(damaged, sample.level)).toMatchObject(WHOLE);
    }
  });

  it('E3: a credential that was sealed does not come back whole by its old part', async () => {
    const files = memoryFiles();
    const { vault } = await openVault(files);
    const { publicKey } = await vault.enrol('alex', PASSPHRASE, null);
    const alex = await vault.unlock('alex', PASSPHRASE);
    const { publicKey: other } = await vault.enrol('sam', 'other', alex);
    await vault.setCredential('break', 'CANARY-whole');
    const old = JSON.parse(Buffer.from(files.copies.current!).toString());
    await vault.seal('break', [
      { operator: 'alex', publicKey },
      { operator: 'sam', publicKey: other },
    ]);
    const now = JSON.parse(Buffer.from(files.copies.current!).toString());
    const mixed = Buffer.from(JSON.stringify({ ...now, items: old.items }));
    const again = await openVault(memoryFiles(mixed, mixed));
    await again.vault.unlock('alex', PASSPHRASE);
    expect(() => again.vault.credential('break')).toThrow(expect.objectContaining({ code: 'credential' }));
    expect(again.vault.sealed()).toHaveLength(1);
  });

  it.each([
    ['100 GB of memory', { N: 2 ** 30, r: 8, p: 1 }],
    ['hours of work', { N: 2 ** 17, r: 8, p: 2 ** 20 }],
    ['no work at all', { N: 1, r: 8, p: 1 }],
    ['half a number', { N: 2 ** 17 + 0.5, r: 8, p: 1 }],
    ['no power of two', { N: 100_000, r: 8, p: 1 }],
    ['a negative number', { N: -(2 ** 17), r: -8, p: 1 }],
  ])('a cost that asks for %s is not used', async (_name, cost) => {
    const vault = JSON.parse(sample.current.toString());
    Object.assign(vault.slots[0].passphrase, cost);
    const damaged = Buffer.from(JSON.stringify(vault));
    expect(await opened(damaged, sample.level)).toMatchObject(WHOLE);
    const alone = await opened(damaged, null);
    expect(alone.error).toMatchObject({ code: 'locked' });
  });

  it('what is not JSON, not a vault, or too deep to walk is told and kept', async () => {
    for (const text of [
      '',
      '{}',
      '[]',
      'null',
      '"x"',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      '{"format":"scram-vault"}',
    ]) {
      const damaged = Buffer.from(text);
      const result = await opened(damaged, sample.level);
      expect(result).toMatchObject(WHOLE);
      expect(sameBytes(result.files.kept.values(), damaged)).toBe(true);
    }
  });

  it('changed while the console runs: the bytes are set aside before the next write replaces them', async () => {
    const files = memoryFiles(sample.current, sample.level);
    const { vault, told } = await openVault(files);
    await vault.unlock('alex', PASSPHRASE);
    const foreign = Buffer.from('{"somebody":"else"}');
    files.copies.current = foreign;
    await vault.setCredential('flags-us', CREDENTIALS['flags-us']!);
    expect(told.join()).toContain('is kept in vault.quarantine-');
    expect(sameBytes(files.kept.values(), foreign)).toBe(true);
    expect(await opened(files.copies.current, files.copies.previous)).toMatchObject({ ...WHOLE, told: [] });
  });
});
