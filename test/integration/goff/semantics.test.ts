import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { FlagProvider, PlannedWrite, ProviderFlag } from '../../../electron/services/flags/provider.ts';
import { goffConnectionSchema } from '../../../shared/model/config/connections/stores.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';
import { evaluatorOf } from './evaluator.ts';
import { never, providerOf } from './fixture.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder('goff');
});
afterEach(() => folder.remove());

const USERS = Array.from({ length: 50 }, (_, index) => ({
  targetingKey: `user-${index}`,
  ...(index % 2 === 0 ? { team: 'staff' } : {}),
  ...(index % 3 === 0 ? { company: `c-${index}` } : {}),
}));
const VARIATIONS = { on: true, off: false };

async function withFile(text: string, name = 'flags.yaml'): Promise<{ file: string; provider: FlagProvider }> {
  const file = join(folder.path, name);
  await writeFile(file, text);
  return { file, provider: providerOf(file) };
}

const read = (provider: FlagProvider, key = 'enable_x') => provider.readFlag(key, 'production', never);
const write = (provider: FlagProvider, flag: ProviderFlag, { write }: PlannedWrite) =>
  provider.apply(
    { key: flag.key, environment: 'production', expectRevision: flag.state.revision, write, comment: '' },
    never,
  );

const CASES: readonly [string, object, object][] = [
  [
    'disabled: the code decides',
    { disable: true, defaultRule: { variation: 'on' } },
    { exposure: 'code-default', offMeaning: 'code-default', serves: null },
  ],
  [
    'dropped as invalid: the code decides',
    { defaultRule: { variation: 'gone' } },
    {
      exposure: 'code-default',
      offMeaning: 'code-default',
      targeting: 'not valid, so GO Feature Flag drops it: defaultRule: there is no variation gone',
    },
  ],
  [
    'percentages that add up to 0 are invalid',
    { defaultRule: { percentage: { on: 0, off: 0 } } },
    { exposure: 'code-default' },
  ],
  [
    'percentages need not add up to 100',
    { defaultRule: { percentage: { on: 1, off: 3 } } },
    { exposure: 'some', percentage: 25, targeting: 'on 25 %, off 75 %', serves: null },
  ],
  [
    'a percentage wins over a variation',
    { defaultRule: { percentage: { on: 10, off: 90 }, variation: 'on' } },
    { exposure: 'some', percentage: 10 },
  ],
  [
    'rules are shown as they are written',
    { targeting: [{ query: 'team eq "staff"', variation: 'on' }], defaultRule: { variation: 'off' } },
    { exposure: 'some', percentage: 0, killed: false, targeting: 'if team eq "staff": on; else off', serves: 'off' },
  ],
  [
    'rules that all say off kill as well',
    { targeting: [{ query: 'team eq "staff"', variation: 'off' }], defaultRule: { variation: 'off' } },
    { exposure: 'nobody', killed: true },
  ],
  [
    'a rule that is off does not count',
    { targeting: [{ query: 'team eq "staff"', variation: 'on', disable: true }], defaultRule: { variation: 'off' } },
    { exposure: 'nobody', killed: true, targeting: null },
  ],
  [
    'an empty query hides what stands behind it',
    { targeting: [{ query: '', variation: 'on' }], defaultRule: { variation: 'off' } },
    { exposure: 'everyone', percentage: 100, serves: 'on' },
  ],
  [
    'a bucketing key that services may not send is no kill',
    { bucketingKey: 'company', defaultRule: { variation: 'off' } },
    { exposure: 'nobody', killed: false, targeting: 'by company' },
  ],
  [
    'scheduled steps: it depends on the time',
    {
      defaultRule: { variation: 'off' },
      scheduledRollout: [{ date: '2030-01-01T00:00:00Z', defaultRule: { variation: 'on' } }],
    },
    { exposure: 'unknown', killed: false, targeting: '1 scheduled step (2030-01-01T00:00:00Z)' },
  ],
  [
    'an experiment: it depends on the time',
    {
      defaultRule: { variation: 'off' },
      experimentation: { start: '2020-01-01T00:00:00Z', end: '2020-02-01T00:00:00Z' },
    },
    { exposure: 'unknown', killed: false },
  ],
  [
    'a progressive rollout: some, and who is shown',
    {
      defaultRule: {
        progressiveRollout: {
          initial: { variation: 'off', percentage: 0, date: '2030-01-01T00:00:00Z' },
          end: { variation: 'on', percentage: 100, date: '2030-02-01T00:00:00Z' },
        },
      },
    },
    {
      exposure: 'some',
      percentage: null,
      targeting: 'progressively off from 2030-01-01T00:00:00Z to on from 2030-02-01T00:00:00Z',
    },
  ],
];

it.each(CASES)('B1: %s', async (_, definition, state) => {
  for (const name of ['flags.yaml', 'flags.json']) {
    const flags = { enable_x: { variations: VARIATIONS, ...definition } };
    const { provider } = await withFile(name === 'flags.json' ? JSON.stringify(flags) : stringify(flags), name);
    const flag = await read(provider);
    expect(flag.state).toMatchObject(state);
    await write(provider, flag, provider.planKill(flag));
    expect((await read(provider)).state).toMatchObject({ killed: true, exposure: 'nobody', serves: 'off' });
    provider.dispose();
  }
});

const rule = fc.oneof(
  fc.record({ variation: fc.constantFrom('on', 'off') }),
  fc.record({ percentage: fc.record({ on: fc.integer({ min: 0, max: 60 }), off: fc.integer({ min: 1, max: 90 }) }) }),
);
const definitions = fc.record(
  {
    variations: fc.constant(VARIATIONS),
    defaultRule: rule,
    targeting: fc.array(
      fc.tuple(rule, fc.boolean(), fc.constantFrom('team eq "staff"', '')).map(([made, disable, query]) => ({
        ...made,
        query,
        disable,
      })),
      { maxLength: 3 },
    ),
    disable: fc.boolean(),
    bucketingKey: fc.constant('company'),
    experimentation: fc.constant({ start: '2020-01-01T00:00:00Z', end: '2030-01-01T00:00:00Z' }),
    scheduledRollout: fc.constant([]),
    metadata: fc.constant({ owner: 'payments', tags: 'a, b' }),
    trackEvents: fc.boolean(),
  },
  { requiredKeys: ['variations', 'defaultRule'], noNullPrototype: true },
);
/** Those that nothing keeps from being killed, and all others. */
const plain = fc.record({ variations: fc.constant(VARIATIONS), defaultRule: rule }, { noNullPrototype: true });
const layouts = fc
  .tuple(
    fc.oneof(definitions, plain),
    fc.constantFrom('flags.yaml', 'flags.json'),
    fc.constantFrom(0, 2),
    fc.boolean(),
    fc.boolean(),
  )
  .chain(([definition, name, indent, flow, crlf]) =>
    fc.shuffledSubarray(Object.entries(definition), { minLength: Object.keys(definition).length }).map((entries) => {
      const flags = { first: definition, enable_x: Object.fromEntries(entries), last: definition };
      const text =
        name === 'flags.json'
          ? JSON.stringify(flags, null, indent)
          : stringify(flags, { collectionStyle: flow ? 'flow' : 'any', aliasDuplicateObjects: false });
      return { name, text: crlf ? text.replaceAll('\n', '\r\n') : text };
    }),
  );

it('B1, B2, B7, B16: in any layout what is told is what is served, a kill serves off to everyone and touches no other flag, an undo restores every byte', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(layouts, async ({ name, text }) => {
      const { file, provider } = await withFile(text, name);
      const served = (key: string, content: string) => USERS.map(evaluatorOf(content, key));
      const flag = await read(provider);
      const { exposure, killed } = flag.state;
      seen.add(`${exposure} ${killed}`);
      const now = new Set(served('enable_x', text));
      if (killed || exposure === 'everyone')
        expect([...now].filter((each) => each !== null)).toEqual(
          [killed ? 'off' : 'on'].filter((each) => now.has(each)),
        );
      if (killed) expect(now).toEqual(new Set(['off']));
      if (exposure === 'nobody') expect(now.has('on')).toBe(false);
      if (exposure === 'code-default') expect(now).toEqual(new Set([null]));

      const plan = provider.planKill(flag);
      await write(provider, flag, plan);
      const after = await read(provider);
      expect(after.state).toEqual(plan.after);
      const content = await readFile(file, 'utf8');
      expect(new Set(served('enable_x', content))).toEqual(new Set(['off']));
      for (const key of ['first', 'last']) expect(served(key, content)).toEqual(served(key, text));

      await write(provider, after, provider.planRestore(after, flag));
      expect((await readFile(file)).equals(Buffer.from(text))).toBe(true);
      provider.dispose();
    }),
    { numRuns: 200 },
  );
  expect([...seen].sort()).toEqual(
    expect.arrayContaining(['code-default false', 'everyone false', 'nobody true', 'some false']),
  );
});

describe('shares', () => {
  it('B7: other rules and times that decide are a reason to refuse', async () => {
    const rules = { targeting: [{ query: 'team eq "staff"', variation: 'on' }], defaultRule: { variation: 'off' } };
    const timed = { defaultRule: { variation: 'off' }, scheduledRollout: [{ date: '2030-01-01T00:00:00Z' }] };
    for (const definition of [rules, timed]) {
      const { provider } = await withFile(stringify({ enable_x: { variations: VARIATIONS, ...definition } }));
      const flag = await read(provider);
      expect(() => provider.planRollout?.(flag, 5)).toThrow(/more than one default rule that decides: /);
    }
  });

  it('says who gets nothing of the split, and that a progressive rollout ends', async () => {
    const side = (variation: string, year: number) => ({ variation, percentage: 0, date: `${year}-01-01T00:00:00Z` });
    const progressive = { progressiveRollout: { initial: side('off', 2020), end: side('on', 2030) } };
    const { provider } = await withFile(stringify({ enable_x: { variations: VARIATIONS, defaultRule: progressive } }));
    expect(provider.planRollout?.(await read(provider), 12.5)).toMatchObject({
      after: { exposure: 'some', percentage: 12.5 },
      notes: [
        'its progressive rollout ends',
        "users whom services send no targeting key for get the code's own default",
      ],
    });
  });
});

it('names that look like booleans stay names: a kill writes the name as it stands there', async () => {
  const text = 'enable_x:\n  variations: {True: true, False: false}\n  defaultRule: {variation: True}\n';
  const { file, provider } = await withFile(text);
  const flag = await read(provider);
  expect(flag).toMatchObject({ safeDefault: 'False', state: { serves: 'True', exposure: 'everyone' } });
  await write(provider, flag, provider.planKill(flag));
  const content = await readFile(file, 'utf8');
  expect(content).toContain('defaultRule: {"variation":"False"}');
  expect(USERS.map(evaluatorOf(content, 'enable_x'))).toEqual(USERS.map(() => 'False'));
});

it('B16: rules that a merge key brings along are hidden by the kill', async () => {
  const text =
    'base: &base\n  variations: {on: true, off: false}\n  targeting: [{query: team eq "staff", variation: on}]\n  defaultRule: {variation: on}\n  disable: true\nenable_x:\n  <<: *base\n  trackEvents: true\n';
  const { file, provider } = await withFile(text);
  const flag = await read(provider);
  await write(provider, flag, provider.planKill(flag));
  const content = await readFile(file, 'utf8');
  expect(USERS.map(evaluatorOf(content, 'enable_x'))).toEqual(USERS.map(() => 'off'));
  expect(content.startsWith(text.slice(0, text.indexOf('enable_x')))).toBe(true);
});

it('TOML is refused, with what to do: in the configuration, and as a document', async () => {
  const config = { id: 'flags', kind: 'goff', files: { production: 'flags.toml' } };
  expect(() => goffConnectionSchema.parse(config)).toThrow(/TOML is not read/);
  const { goffFormat } = await import('../../../electron/providers/flags/goff/format.ts');
  expect(() => goffFormat.open({ name: 'ns/flags', fileName: 'flags.toml' }, Buffer.from('[a]'))).toThrow(
    expect.objectContaining({ code: 'refused', action: expect.stringMatching(/YAML or JSON/) }),
  );
});

it.each([
  ['a list', '[1]', 'flags.json', /expected an object of flags by key/],
  ['nothing but a comment', '# none\n', 'flags.yaml', /expected a map of flags by key/],
  [
    'rules that are no list',
    '{"enable_x": {"targeting": {}}}',
    'flags.json',
    /:1:\d+: enable_x\.targeting: expected a list of rules/,
  ],
  [
    'a share that is no number',
    'enable_x:\n  defaultRule:\n    percentage: {on: many}\n',
    'flags.yaml',
    /:3:\d+: enable_x\.defaultRule\.percentage\.on/,
  ],
] as const)('a file that is %s is refused whole, as GO Feature Flag does', async (_, text, name, words) => {
  const { provider } = await withFile(text, name);
  await expect(provider.readEnvironment('production', never)).rejects.toMatchObject({
    code: 'provider',
    message: expect.stringMatching(words),
  });
});
