import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../electron/services/config/parse-config.ts';

const HEAD = `version: 1
team: t
environments: { production: {} }
`;
const KEY = `scram1:${'A'.repeat(128)}`;

function problemsOf(text: string) {
  const checked = parseConfig(HEAD + text, 'scram.yaml');
  return checked.ok ? [] : checked.problems;
}

describe('C1: what policy and people say of other parts of the file', () => {
  const rules = (flags: string) => `policy: { production: { rules: [ { flags: ${flags}, people: 2 } ] } }`;

  it('a rule for a flag that is written nowhere is a problem, with its place', () => {
    const named = `flags: [ { key: enable_pay } ]\n`;
    expect(problemsOf(named + rules('[enable_pya]'))).toEqual([
      {
        file: 'scram.yaml',
        line: 5,
        column: 44,
        path: 'policy.production.rules[0].flags[0]',
        value: 'enable_pya',
        message: 'no flag is called enable_pya in this file; did you mean enable_pay?',
        expected: 'a key that stands under flags, services or killSets, or a pattern with *',
      },
    ]);
  });

  it.each([
    'flags: [ { key: enable_pay } ]',
    'connections: [ { id: f, kind: flagd, files: {} } ]\nservices: [ { id: s, flags: [ { connection: f, key: enable_pay } ] } ]',
    'services: [ { id: s, dependencies: [ { id: d, killSwitch: enable_pay } ] } ]',
    'killSets: [ { id: k, flags: [ enable_pay ] } ]',
    'connections: [ { id: f, kind: flagd, files: {} } ]\nkillSets: [ { id: k, flags: [ { connection: f, key: enable_pay } ] } ]',
  ])('one that is written somewhere is none: %s', (named) => {
    expect(problemsOf(`${named}\n${rules('[enable_pay]')}`)).toEqual([]);
  });

  it('a pattern may stand for flags that only their provider knows', () => {
    expect(problemsOf(rules('["enable_*"]'))).toEqual([]);
  });

  it.each([
    ['policy: { prodution: { kill: { people: 2 } } }', 'policy.prodution', 'did you mean production?'],
    [
      'policy: { production: { restore: { windows: [ { from: "09:00", to: "17:00", timeZone: Europe/Berln } ] } } }',
      'policy.production.restore.windows[0].timeZone',
      'did you mean Europe/Berlin?',
    ],
    [
      'policy: { production: { rules: [ { windows: [ { from: "09:00", to: "17:00", timeZone: Nowhere } ] } ] } }',
      'policy.production.rules[0].windows[0].timeZone',
      'no time zone is called Nowhere',
    ],
    ['policy: { production: { kill: { people: 3 } } }', 'policy.production.kill.people', '"3" is not 1 or 2'],
    [
      'policy: { production: { kill: { windows: [ { from: "9:00", to: "24:01" } ] } } }',
      'policy.production.kill.windows[0].from',
      'is not a time of day such as 09:00',
    ],
    [
      'policy: { production: { breakGlass: { alowed: true } } }',
      'policy.production.breakGlass.alowed',
      'did you mean allowed?',
    ],
    [
      'operators: [ { id: a, name: A, roles: [viewer] }, { id: a, name: B, roles: [viewer] } ]',
      'operators[1].id',
      'the operator a is there twice',
    ],
    [
      `operators: [ { id: a, name: A, roles: [viewer], publicKeys: ["${KEY}"] }, { id: b, name: B, roles: [admin], publicKeys: ["${KEY}"] } ]`,
      'operators[1].publicKeys[0]',
      'this public key is there already, as one of a',
    ],
    ['operators: [ { id: a, name: A, roles: [reponder] } ]', 'operators[0].roles[0]', 'did you mean responder?'],
    [
      'notify: [ { id: n, kind: slack, credential: hook }, { id: n, kind: slack, credential: hook } ]',
      'notify[1].id',
      'the notify target n is there twice',
    ],
  ])('%s', (text, path, message) => {
    const [problem] = problemsOf(text);
    expect(problem).toMatchObject({ path });
    expect(problem?.message).toContain(message);
    expect(problem?.line).toBe(4);
  });
});
