import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { FlagProvider, PlannedWrite, ProviderFlag } from '../../../electron/services/flags/provider.ts';
import { evaluate, never, providerOf, temporaryFolder } from './fixture.ts';

let folder = '';
let remove: () => Promise<void> = async () => {};
beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterEach(() => remove());

const USERS = Array.from({ length: 500 }, (_, index) => `user-${index}`);
const VARIANTS = { on: true, off: false };

async function withFile(name: string, text: string): Promise<{ file: string; provider: FlagProvider }> {
  const file = join(folder, name);
  await writeFile(file, text);
  return { file, provider: providerOf(file) };
}
const oneFlag = (definition: object) =>
  JSON.stringify({ flags: { enable_x: { state: 'ENABLED', variants: VARIANTS, ...definition } } }, null, 2);
const read = (provider: FlagProvider) => provider.readFlag('enable_x', 'production', never);
const write = (provider: FlagProvider, flag: ProviderFlag, { write }: PlannedWrite) =>
  provider.apply(
    { key: flag.key, environment: 'production', expectRevision: flag.state.revision, write, comment: '' },
    never,
  );

const targetings = fc.constantFrom(
  undefined,
  {},
  {
    fractional: [
      ['on', 20],
      ['off', 80],
    ],
  },
  {
    fractional: [
      ['off', 1],
      ['on', 1],
    ],
  },
  { fractional: [{ cat: [{ var: '$flagd.flagKey' }, { var: 'targetingKey' }] }, ['on', 20], ['off', 80]] },
);

it('B7: from any plain definition, in any layout, the share that was set is served, told as it was previewed, and undone byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        yaml: fc.boolean(),
        flow: fc.boolean(),
        state: fc.constantFrom('ENABLED', 'DISABLED'),
        defaultVariant: fc.constantFrom('on', 'off', null),
        targeting: targetings,
        share: fc.constantFrom(0, 1, 12.5, 33.33, 50, 99, 100),
        crlf: fc.boolean(),
      }),
      async ({ yaml, flow, state, defaultVariant, targeting, share, crlf }) => {
        const definition = {
          state,
          variants: VARIANTS,
          defaultVariant,
          ...(targeting ? { targeting } : {}),
          'x-kept': '1.10',
        };
        const other = { state: 'ENABLED', variants: VARIANTS, defaultVariant: 'on' };
        const plain = { flags: { first: other, enable_x: definition, last: other } };
        const written = yaml
          ? `# flags\n${stringify(plain, { collectionStyle: flow ? 'flow' : 'any', aliasDuplicateObjects: false })}`
          : JSON.stringify(plain, null, flow ? 0 : 2);
        const text = crlf ? written.replaceAll('\n', '\r\n') : written;
        const { file, provider } = await withFile(yaml ? 'flags.yaml' : 'flags.json', text);
        const flag = await read(provider);
        const plan = provider.planRollout?.(flag, share);
        if (!plan) throw new Error('no rollout');
        await write(provider, flag, plan);
        const after = await read(provider);
        expect(after.state).toEqual(plan.after);
        expect(after.definition).toEqual(plan.definitionAfter);
        expect(after.state).toMatchObject({ percentage: share, killed: false });
        const content = await readFile(file, 'utf8');
        const served = evaluate(content, 'enable_x', USERS).filter((variant) => variant === 'on').length / USERS.length;
        expect(Math.abs(served * 100 - share)).toBeLessThan(share === 0 || share === 100 ? 0.001 : 8);
        expect(evaluate(content, 'last', ['user-1'])).toEqual(['on']);
        expect(content).toContain('1.10');
        await write(provider, after, provider.planRestore(after, flag));
        expect((await readFile(file)).equals(Buffer.from(text))).toBe(true);
        provider.dispose();
      },
    ),
    { numRuns: 120 },
  );
});

it.each([
  [
    'conditions',
    { targeting: { if: [{ '==': [{ var: 'team' }, 'staff'] }, 'on', 'off'] } },
    /other rules than one split of users: if team == "staff": on; else off/,
  ],
  [
    'a split within a split',
    {
      targeting: {
        fractional: [
          [{ if: [true, 'on', 'off'] }, 20],
          ['off', 80],
        ],
      },
    },
    /rules within its split/,
  ],
  [
    'several variants that give the feature',
    {
      variants: { off: false, a: true, b: true },
      targeting: {
        fractional: [
          ['a', 20],
          ['b', 20],
          ['off', 60],
        ],
      },
    },
    /more than one variant: a, b/,
  ],
  [
    'no variant that gives it',
    { variants: { off: false }, defaultVariant: 'off' },
    /no variant of enable_x gives the feature/,
  ],
] as const)('refuses %s, with the reason', async (_, definition, words) => {
  const { provider } = await withFile('flags.json', oneFlag(definition));
  const flag = await read(provider);
  expect(() => provider.planRollout?.(flag, 5)).toThrow(
    expect.objectContaining({ code: 'refused', message: expect.stringMatching(words) }),
  );
});

it('of three variants the one in use is given, and who has no targeting key gets the safe one', async () => {
  const variants = { off: 'none', new: 'v2', newer: 'v3' };
  const { file, provider } = await withFile('flags.json', oneFlag({ variants, defaultVariant: 'newer' }));
  const flag = await read(provider);
  const plan = provider.planRollout?.(flag, 10);
  expect(plan).toMatchObject({
    after: { serves: 'off', targeting: 'newer 10 %, off 90 %' },
    notes: ['users whom services send no targeting key for get off'],
  });
  if (plan) await write(provider, flag, plan);
  expect(evaluate(await readFile(file, 'utf8'), 'enable_x', [''])).toEqual(['off']);
});

it('B7: a write whose text does not do what was promised is refused: nothing is written', async () => {
  const text = oneFlag({ defaultVariant: 'on' });
  const { file, provider } = await withFile('flags.json', text);
  const flag = await read(provider);
  const plan = provider.planRollout?.(flag, 10);
  const forged = { ...(plan?.write as object), shares: { on: 50, off: 50 } };
  const lie = { write: forged, after: flag.state, definitionAfter: null };
  await expect(write(provider, flag, lie)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/would not serve on to 50 %/),
  });
  const kill = { ...(provider.planKill(flag).write as object), serves: 'on' };
  await expect(write(provider, flag, { ...lie, write: kill })).rejects.toMatchObject({ code: 'refused' });
  expect(await readFile(file, 'utf8')).toBe(text);
});

it('a YAML definition that shares parts with others is refused', async () => {
  const text =
    'base: &base {fractional: [["on", 20], ["off", 80]]}\nflags:\n  enable_x:\n    state: ENABLED\n    variants: {on: true, off: false}\n    defaultVariant: "off"\n    targeting: *base\n';
  const { provider } = await withFile('flags.yaml', text);
  const flag = await read(provider);
  expect(() => provider.planRollout?.(flag, 5)).toThrow(/shares parts with others/);
});
