import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NODE } from '../support/processes.ts';
import { type TempFolder, tempFolder } from '../support/temp.ts';

const root = path.resolve(import.meta.dirname, '../..');
const NAME = 'acmeflags';
const BIN = 'node_modules/.bin';
const BIOME = 'node_modules/@biomejs/biome/bin/biome';
const CONNECTIONS = 'shared/model/config/connections/index.ts';
const REGISTRY = 'electron/providers/registry.ts';
const SOURCES =
  /^(shared|electron|renderer|test|scripts|docs)\/|^(package\.json|tsconfig\.json|biome\.json|vitest\.config\.ts|\.gitignore)$/;

/** A copy of the sources as they are, committed or not. */
let copy: TempFolder;
beforeAll(() => {
  copy = tempFolder('new-provider');
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  for (const file of new Set(listed.split('\0'))) {
    if (!SOURCES.test(file) || !existsSync(path.join(root, file))) continue;
    mkdirSync(path.dirname(copy.at(file)), { recursive: true });
    cpSync(path.join(root, file), copy.at(file));
  }
  symlinkSync(path.join(root, 'node_modules'), copy.at('node_modules'), 'dir');
});
afterAll(() => copy?.remove());

/** A connection of that kind, as scram.yaml has it, gets its provider. */
const WIRED = `
import { createFlagProvider } from './electron/providers/registry.ts';
import { connectionSchema } from './shared/model/config/connections/index.ts';
import { contextOf } from './test/support/flag-context.ts';
const url = 'http://127.0.0.1:1';
const config = connectionSchema.parse({ id: 'x', kind: '${NAME}', url, credential: 'env:T', environments: { a: 'b' } });
console.log(createFlagProvider(config, contextOf({ secrets: { T: 'secret' } })).kind);
`;

function run(command: string, ...args: string[]) {
  const env = { ...process.env, PATH: `${copy.at(BIN)}${path.delimiter}${process.env.PATH}`, NO_COLOR: '1' };
  // A run within a run must not take itself for a worker of this one.
  for (const name of Object.keys(env)) if (/^(VITEST|TINYPOOL)/.test(name)) delete env[name as keyof typeof env];
  const done = spawnSync(command, args, { cwd: copy.path, encoding: 'utf8', env });
  return { status: done.status, output: `${done.stdout}${done.stderr}` };
}
const scaffold = (...args: string[]) => run(NODE, 'scripts/new-provider.ts', ...args);

/** What it said, when it was done without an error. */
function passes({ status, output }: ReturnType<typeof run>): string {
  expect(status, output).toBe(0);
  return output;
}

/** Files of the copy that the command may have touched, with their text. */
function state(): string {
  const folders = ['shared/model/config/connections', 'electron/providers', 'test/integration', 'test/contract'];
  const files = folders.flatMap((folder) => readdirSync(copy.at(folder), { recursive: true, encoding: 'utf8' }).sort());
  return [...files, ...[CONNECTIONS, REGISTRY].map((file) => readFileSync(copy.at(file), 'utf8'))].join('\n');
}

it.each(['flipt', 'metrics', 'etcd', 'prometheus', 'Acme', 'acme-flags', '../acme', '9lives', 'a', ''])(
  'refuses %j as the name of a new provider, and writes nothing',
  (name) => {
    const before = state();
    const { status, output } = scaffold(name);
    expect(status, output).toBe(1);
    expect(output).toMatch(/^new:provider: .*(no name for a provider|there already|is taken)/);
    expect(state()).toBe(before);
  },
);

it('writes nothing when a list is not as it expects', () => {
  const text = readFileSync(copy.at(REGISTRY), 'utf8');
  writeFileSync(copy.at(REGISTRY), text.replace('FLAG_PROVIDERS', 'PROVIDERS'));
  try {
    const before = state();
    const { status, output } = scaffold(NAME);
    expect(status, output).toBe(1);
    expect(output).toContain(`${REGISTRY} is not as expected`);
    expect(state()).toBe(before);
  } finally {
    writeFileSync(copy.at(REGISTRY), text);
  }
});

it('issue 3: one command makes a provider that compiles, lints, keeps the import rules and passes the contract suite', () => {
  const made = passes(scaffold(NAME));
  const written = [...made.matchAll(/^(?:written|changed): (.+)$/gm)].map((match) => match[1] ?? '');
  expect(written).toEqual(
    expect.arrayContaining([
      `shared/model/config/connections/${NAME}.ts`,
      ...['index', 'provider', 'normalise'].map((file) => `electron/providers/flags/${NAME}/${file}.ts`),
      ...['server', 'fixture'].map((file) => `test/integration/${NAME}/${file}.ts`),
      `test/contract/${NAME}.test.ts`,
      CONNECTIONS,
      REGISTRY,
    ]),
  );
  for (const next of ['docs/connections.md', 'npm run schema', 'docs/adding-a-provider.md']) {
    expect(made).toContain(next);
  }
  expect(readFileSync(copy.at(`test/contract/${NAME}.test.ts`), 'utf8').split('\n').length).toBeLessThan(20);
  for (const file of written) expect(readFileSync(copy.at(file), 'utf8')).not.toMatch(/__name__/i);

  // Of test/ what is new: the rest does not know of it. Of the others all: a list of kinds may be there that must be whole.
  const include = [`contract/${NAME}.test.ts`, `integration/${NAME}/*.ts`];
  const ownTests = 'test/tsconfig.new.json';
  writeFileSync(copy.at(ownTests), JSON.stringify({ extends: './tsconfig.json', include }));
  for (const layer of ['shared', 'electron', 'renderer', ownTests]) {
    passes(run(NODE, 'node_modules/typescript/bin/tsc', '-p', layer));
  }
  passes(run(NODE, BIOME, 'check', '--error-on-warnings', ...written));
  passes(run(NODE, 'scripts/import-rules/main.ts'));

  writeFileSync(copy.at('wired.ts'), WIRED);
  expect(passes(run(NODE, 'wired.ts'))).toBe(`${NAME}\n`);
  passes(run(NODE, 'scripts/write-schema.ts'));

  const own = [
    'test/unit/config/json-schema.test.ts',
    `test/contract/${NAME}.test.ts`,
    `test/integration/${NAME}/${NAME}.test.ts`,
  ];
  passes(
    run(
      NODE,
      'node_modules/vitest/vitest.mjs',
      'run',
      '--no-cache',
      '--reporter=dot',
      '--reporter=json',
      '--outputFile.json=out.json',
      ...own,
    ),
  );
  const report = JSON.parse(readFileSync(copy.at('out.json'), 'utf8')) as {
    numPassedTests: number;
    numTotalTests: number;
  };
  // The whole suite and every fault, not an empty file that passes.
  expect(report.numPassedTests).toBeGreaterThanOrEqual(60);
  expect(report.numPassedTests).toBe(report.numTotalTests);
});

it('issue 3: a second run refuses, and changes nothing', () => {
  const before = state();
  const { status, output } = scaffold(NAME);
  expect(status).toBe(1);
  expect(output).toContain(`${NAME} is there already`);
  expect(state()).toBe(before);
});
