import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { evaluate, never, providerOf, temporaryFolder } from './fixture.ts';

let folder = '';
let remove: () => Promise<void> = async () => {};
beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
});
afterEach(() => remove());

const USERS = Array.from({ length: 20 }, (_, index) => `user-${index}`);
const BOM = '\uFEFF';

/** Space as people and tools leave it between two tokens of JSON. */
const space = (newline: string) => fc.constantFrom('', ' ', newline, `${newline}  `, `\t${newline}\t`);

/** A JSON flag file in one of many layouts, with three flags; fields stand in any order, and some of them twice. */
const jsonFile = fc
  .record({ bom: fc.constantFrom('', BOM), newline: fc.constantFrom('\n', '\r\n') })
  .chain(({ bom, newline }) =>
    fc
      .record({
        gaps: fc.array(space(newline), { minLength: 60, maxLength: 60 }),
        end: space(newline),
        state: fc.constantFrom('"ENABLED"', '"\\u0045NABLED"', '"DISABLED"'),
        percent: fc.integer({ min: 0, max: 100 }),
        rules: fc.integer({ min: 0, max: 2 }),
        twice: fc.boolean(),
        noDefault: fc.boolean(),
        note: fc.string(),
        order: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5, maxLength: 5 }),
      })
      .map((made) => {
        let next = 0;
        const gap = () => made.gaps[next++ % made.gaps.length] ?? '';
        const member = (name: string, value: string) => `${gap()}"${name}"${gap()}:${gap()}${value}`;
        const rule = `{"fractional":[["on",${made.percent}],["off",${100 - made.percent}]]}`;
        const fields = [
          [member('state', made.state), ...(made.twice ? [member('state', made.state)] : [])],
          [member('variants', `{${gap()}"on"${gap()}: true, "off":${gap()}false }`)],
          made.noDefault ? [] : [member('default\\u0056ariant', '"on"')],
          Array.from({ length: made.rules }, () => member('targeting', rule)),
          [member('note', JSON.stringify(made.note))],
        ];
        const flag = `{${made.order.flatMap((index) => fields[index] ?? []).join(`${gap()},`)}${gap()}}`;
        const other = '{"state":"ENABLED","variants":{"a":"é","b":"\\u00e9"},"defaultVariant":"a"}';
        return `${bom}{${member('x', '1')},${member('flags', `{${member('first', other)},${member('it', flag)},${member('last', other)}${gap()}}`)}${gap()}}${made.end}`;
      }),
  );

const yamlFile = fc
  .record({
    bom: fc.constantFrom('', BOM),
    newline: fc.constantFrom('\n', '\r\n'),
    comment: fc.constantFrom('', ' # why: it is', ' #'),
    above: fc.constantFrom('', '  # about the next one\n', '\n\n'),
    rules: fc.constantFrom(
      '',
      '    targeting: {fractional: [[on, 20], [off, 80]]}',
      '    targeting:\n      fractional:\n        - [on, 20]\n        - [off, 80]',
    ),
    variants: fc.constantFrom('{on: true, off: false}', '&v {on: true, off: false}', '*shared'),
    value: fc.constantFrom('"on"', "'on'", 'on'),
    quote: fc.constantFrom('it', '"it"', "'it'"),
    end: fc.constantFrom('', '\n', '\n\n# the end\n', '\n...\n'),
    rulesFirst: fc.boolean(),
  })
  .map((made) => {
    const state = `    state: ENABLED${made.comment}`;
    const rest = [`    variants: ${made.variants}${made.comment}`, `    defaultVariant: ${made.value}${made.comment}`];
    const rules = made.rules === '' ? [] : [made.rules + made.comment];
    const fields = made.rulesFirst ? [...rules, state, ...rest] : [state, ...rest, ...rules];
    const text = [
      '# flags of the shop',
      'flags:',
      '  first:',
      '    state: ENABLED',
      '    variants: &shared {on: true, off: false}',
      '    defaultVariant: "on"',
      `${made.above}  ${made.quote}:${made.comment}`,
      ...fields,
      `${made.above}  last: {state: ENABLED, variants: {a: 1, b: 2}, defaultVariant: a}${made.comment}`,
    ].join('\n');
    return made.bom + (text + made.end).replaceAll('\n', made.newline);
  });

it.each([
  ['flags.json', jsonFile],
  ['flags.yaml', yamlFile],
])(
  'B2, B7, B16: in any layout of %s a kill serves off to everyone and touches no other flag, and an undo restores every byte',
  async (name, texts) => {
    const file = join(folder, name);
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        await writeFile(file, text);
        const provider = providerOf(file);
        const before = await provider.readFlag('it', 'production', never);
        if (before.state.killed) return;
        const others = async () =>
          Promise.all(
            ['first', 'last'].map(async (key) => (await provider.readFlag(key, 'production', never)).definition),
          );
        const theirs = await others();
        const plan = provider.planKill(before);
        const request = { key: 'it', environment: 'production', comment: '' };
        await provider.apply({ ...request, expectRevision: before.state.revision, write: plan.write }, never);

        const killed = await readFile(file, 'utf8');
        expect(evaluate(killed, 'it', USERS)).toEqual(USERS.map(() => 'off'));
        const after = await provider.readFlag('it', 'production', never);
        // What was previewed is what stands there.
        expect({ ...after.state, revision: '' }).toEqual({ ...plan.after, revision: '' });
        expect(after.definition).toEqual(plan.definitionAfter);
        expect(await others()).toEqual(theirs);

        const undo = provider.planRestore(after, before);
        await provider.apply({ ...request, expectRevision: after.state.revision, write: undo.write }, never);
        expect((await readFile(file)).equals(Buffer.from(text))).toBe(true);
        provider.dispose();
      }),
      { numRuns: 150 },
    );
  },
);
