import { FlagdCore } from '@openfeature/flagd-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { checkDefinition, checkRoot, killedDefinition } from '../../../electron/providers/flags/flagd/definition.ts';
import { checkAll, openFlagFile } from '../../../electron/providers/flags/flagd/flag-file.ts';
import { killJson } from '../../../electron/providers/flags/flagd/json-kill.ts';
import { killYaml } from '../../../electron/providers/flags/flagd/yaml-kill.ts';
import { sharesOf, summarise } from '../../../electron/providers/flags/flagd/targeting.ts';

const silent = { error() {}, warn() {}, info() {}, debug() {} };

const definitions = fc
  .record(
    {
      state: fc.constantFrom('ENABLED', 'DISABLED'),
      variants: fc.constant({ on: true, off: false }),
      defaultVariant: fc.constantFrom('on', 'off', null),
      targeting: fc.constantFrom(
        {},
        {
          fractional: [
            ['on', 20],
            ['off', 80],
          ],
        },
        { if: [{ '==': [{ var: 'a' }, '}"{'] }, 'on', 'off'] },
      ),
      'x-unknown': fc.jsonValue({ maxDepth: 2 }),
      metadata: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.integer()), {
        noNullPrototype: true,
      }),
    },
    { requiredKeys: ['state', 'variants'], noNullPrototype: true },
  )
  .chain((definition) => fc.shuffledSubarray(Object.entries(definition), { minLength: Object.keys(definition).length }))
  .map((entries) => JSON.parse(JSON.stringify(Object.fromEntries(entries))));
const files = fc.dictionary(
  fc.string({ minLength: 1 }).filter((key) => key !== '__proto__' && key !== '<<'),
  definitions,
  { minKeys: 1, maxKeys: 4, noNullPrototype: true },
);

describe('editing a definition', () => {
  it.each(['json', 'yaml'])('B2, B7: kill changes nothing but the flag, undo is exact (%s, any layout)', (format) => {
    fc.assert(
      fc.property(files, fc.constantFrom(0, 1, 2, 4, '\t'), fc.nat(), fc.boolean(), (flags, indent, pick, flow) => {
        const text =
          format === 'json'
            ? JSON.stringify({ a: 1, flags, z: [1] }, null, indent)
            : stringify(
                { a: 1, flags, z: [1] },
                { indent: indent === 4 ? 4 : 2, collectionStyle: flow ? 'flow' : 'any' },
              );
        const path = `f.${format}`;
        const file = openFlagFile(path, Buffer.from(text));
        const key = file.keys[pick % file.keys.length]!;
        const { text: source, definition } = file.read(key);
        const edited = format === 'json' ? killJson(source, 'off') : killYaml(source, 'off');
        const killed = file.replaced(new Map([[key, edited]]));
        expect(killed.definitions.get(key)).toEqual(killedDefinition(definition, 'off'));
        const again = openFlagFile(path, killed.bytes);
        expect(again.read(key).text).toBe(edited);
        for (const other of file.keys) if (other !== key) expect(again.read(other)).toEqual(file.read(other));
        expect(again.replaced(new Map([[key, source]])).bytes.toString()).toBe(text);
      }),
      { numRuns: 150 },
    );
  });

  it('takes a merged rule away with an empty one, and refuses an alias', () => {
    const text =
      'base: &base\n  state: ENABLED\n  targeting: {if: [true, "on"]}\nflags:\n  a:\n    <<: *base\n    variants: {on: true, off: false}\n  b: *base\n';
    const withoutB = text.replace('  b: *base\n', '');
    const file = openFlagFile('f.yaml', Buffer.from(withoutB));
    const edited = killYaml(file.read('a').text, 'off');
    const { definitions } = file.replaced(new Map([['a', edited]]));
    expect(definitions.get('a')).toMatchObject({ state: 'ENABLED', defaultVariant: 'off', targeting: {} });
    expect(() => killYaml('b: *base', 'off')).toThrow(/alias/);
  });

  it('refuses an edit that other flags depend on: nothing is written', () => {
    const text =
      'flags:\n  a:\n    state: ENABLED\n    variants: {on: true, off: false}\n    targeting: &t {if: [true, "on"]}\n  b:\n    state: ENABLED\n    variants: {on: true, off: false}\n    targeting: *t\n';
    const file = openFlagFile('f.yaml', Buffer.from(text));
    expect(() => file.replaced(new Map([['a', killYaml(file.read('a').text, 'off')]]))).toThrow();
  });
});

describe('agreement with flagd', () => {
  const accepts = (text: string): boolean => {
    try {
      new FlagdCore(undefined, silent).setConfigurations(text);
      return true;
    } catch {
      return false;
    }
  };

  it('what is accepted here, flagd accepts', () => {
    const loose = fc.record(
      {
        state: fc.constantFrom('ENABLED', 'DISABLED', 'enabled', null, 1),
        variants: fc.constantFrom({ on: true, off: false }, {}, null, [], { on: 1, x: 'mixed' }),
        defaultVariant: fc.constantFrom('on', 'of', '', null, 3),
        targeting: fc.constantFrom({}, { nonsense: [1] }, null, { if: [true, 'on'] }, []),
        metadata: fc.constantFrom({}, null, { a: 1 }),
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    let accepted = 0;
    fc.assert(
      fc.property(loose, (definition) => {
        const root = { flags: { a: definition } };
        const ours = checkRoot(root) === null && checkDefinition(definition) === null;
        if (ours) accepted += 1;
        // Where the two differ, we are the stricter: what flagd's own schema forbids.
        if (ours) expect(accepts(JSON.stringify(root))).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(5);
  });

  it('B1: the share told is the share served, over 4,000 users', () => {
    const cases: [string, object, number][] = [
      [
        'weights',
        {
          fractional: [
            ['on', 20],
            ['off', 80],
          ],
        },
        0.2,
      ],
      ['shorthand', { fractional: [['on'], ['off']] }, 0.5],
      ['bucketed by a property', { fractional: [{ var: 'targetingKey' }, ['on', 1], ['off', 3]] }, 0.25],
      [
        'negative weights',
        {
          fractional: [
            ['on', 5],
            ['off', -5],
          ],
        },
        1,
      ],
      ['branches that agree', { if: [{ var: 'x' }, 'on', 'on'] }, 1],
      ['shared rules', { $ref: 'half' }, 0.5],
    ];
    const evaluators = {
      half: {
        fractional: [
          ['on', 1],
          ['off', 1],
        ],
      },
    };
    for (const [name, targeting, expected] of cases) {
      const shares = sharesOf(JSON.parse(JSON.stringify(targeting)), evaluators);
      expect(shares?.get('on') ?? 0, name).toBeCloseTo(expected);
      const core = new FlagdCore(undefined, silent);
      const flag = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'off', targeting };
      core.setConfigurations(JSON.stringify({ flags: { f: flag }, $evaluators: evaluators }));
      let on = 0;
      for (let user = 0; user < 4_000; user += 1) {
        if (core.getFlag('f')?.evaluate({ targetingKey: `user-${user}` }, silent).variant === 'on') on += 1;
      }
      expect(Math.abs(on / 4_000 - expected), name).toBeLessThan(0.03);
    }
  });

  it('does not tell a share where conditions decide', () => {
    expect(sharesOf({ if: [{ '==': [{ var: 'tier' }, 'gold'] }, 'on', 'off'] }, {})).toBeNull();
    expect(
      sharesOf(
        {
          fractional: [
            ['on', 0.5],
            ['off', 99.5],
          ],
        },
        {},
      ),
    ).toBeNull();
  });

  it('describes rules on one line, and tells long ones apart', () => {
    const rule = {
      if: [
        { ends_with: [{ var: 'email' }, '@x.org'] },
        'on',
        {
          fractional: [
            ['on', 20],
            ['off', 80],
          ],
        },
      ],
    };
    expect(summarise(rule, {})).toBe('if email ends_with "@x.org": on; else on 20 %, off 80 %');
    const long = (last: string) => ({ if: [{ in: [{ var: 'id' }, 'x'.repeat(300) + last] }, 'on', 'off'] });
    expect(summarise(long('a'), {})).not.toBe(summarise(long('b'), {}));
  });

  it('reads the last of two flags with one key, as JSON does', () => {
    const one = '{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on"}';
    const file = openFlagFile(
      'f.json',
      Buffer.from(`{"flags":{"a":${one},"a":${one.replace('ENABLED', 'DISABLED')}}}`),
    );
    checkAll(file);
    expect(file.keys).toEqual(['a']);
    expect(file.read('a').definition.state).toBe('DISABLED');
    expect(parse('a: 1')).toEqual({ a: 1 });
  });
});
