import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { check } from '../../../electron/hosts/terminal/commands/check.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = tempFolder('check-policy');
});
afterEach(() => folder.remove());

const KEYS = ['a', 'b', 'c'].map((letter) => `scram1:${letter.repeat(128)}`);
const CONFIG = `version: 1
team: payments
environments: { production: { tone: production }, staging: {}, dev: {} }
policy:
  production:
    restore: { people: 2 }
    rules: [ { flags: ["ops_*"], direction: kill, roles: [release-manager] } ]
    breakGlass: { allowed: true }
operators:
  - { id: alex, name: Alex, roles: [responder], publicKeys: [ "${KEYS[0]}" ] }
  - { id: mo, name: Mo, roles: [release-manager], publicKeys: [ "${KEYS[1]}" ] }
  - { id: sam, name: Sam, roles: [approver], publicKeys: [ "${KEYS[2]}" ] }
  - { id: kim, name: Kim, roles: [admin] }
`;

async function run(text: string) {
  writeFileSync(folder.at('scram.yaml'), text);
  const said: string[] = [];
  const printed: unknown[] = [];
  const context = {
    args: { words: [folder.path], has: () => false },
    out: {
      say: (line: string) => void said.push(line),
      json: (value: unknown) => void printed.push(value),
      warn: () => {},
    },
    cwd: folder.path,
    env: {},
    dataDir: folder.path,
    configPath: null,
  };
  const code = await check.run(context as unknown as Parameters<typeof check.run>[0]);
  return { code, text: said.join('\n'), json: printed[0] };
}

it('D2, D5: scram check prints who can do what, environments alike together', async () => {
  const { code, text } = await run(CONFIG);
  expect(code).toBe(0);
  expect(text).toContain(`who can do what in production:
OPERATOR  ROLES            KEYS  KILL     GIVE BACK      APPROVE  BREAK GLASS  ADMINISTER
alex      responder        1     by flag  with a second  no       yes          no
mo        release-manager  1     alone    with a second  yes      yes          no
sam       approver         1     no       no             yes      no           no
kim       admin            0     no       no             no       no           yes`);
  expect(text).toContain(`who can do what in staging, dev:
OPERATOR  ROLES            KEYS  KILL   GIVE BACK  APPROVE  BREAK GLASS  ADMINISTER
alex      responder        1     alone  alone      -        no           no`);
});

it('D2: what a policy gets wrong is printed with what to do, and exits 7', async () => {
  const alone = CONFIG.replaceAll(
    /roles: \[(release-manager|approver)\], publicKeys/g,
    'roles: [responder], publicKeys',
  );
  const { code, text, json } = await run(alone);
  expect(code).toBe(7);
  expect(text).toContain('valid, but its policy cannot work');
  expect(
    text,
  ).toContain(`error: policy of production: nobody can give a feature to users: no operator has a role that may approve it
    to do: give one of them approver or release-manager`);
  expect(json).toMatchObject({ ok: false, policy: { people: [{ operator: 'alex', administer: false }, {}, {}, {}] } });
});

it('D2: a warning is printed, and does not fail', async () => {
  const { code, text, json } = await run(CONFIG.replace('people: 2 }', 'people: 2, approvalWithin: 3d }'));
  expect(code).toBe(0);
  expect(text).toContain('warning: policy of production: approvalWithin of restore is longer than 24 hours');
  expect(json).toMatchObject({ ok: true, policy: { findings: [{ severity: 'warning', environment: 'production' }] } });
});

it('has one line for whoever starts the console where nobody is named', async () => {
  const { code, text } = await run(CONFIG.slice(0, CONFIG.indexOf('policy:')));
  expect(code).toBe(0);
  expect(text).toContain('who can do what in production, staging, dev:');
  expect(text).toMatch(/whoever starts the console\s+alone\s+alone\s+-\s+no\s+yes/);
});
