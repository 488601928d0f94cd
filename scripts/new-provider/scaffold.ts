import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A refusal that a person can act upon. */
export class ScaffoldError extends Error {}

/** A file that is to be written; `added` is false for one that is there and gets a few lines more. */
export interface PlannedFile {
  readonly file: string;
  readonly text: string;
  readonly added: boolean;
}

const TEMPLATES: Readonly<Record<string, (name: string) => string>> = {
  connection: (name) => `shared/model/config/connections/${name}.ts`,
  index: (name) => `electron/providers/flags/${name}/index.ts`,
  provider: (name) => `electron/providers/flags/${name}/provider.ts`,
  normalise: (name) => `electron/providers/flags/${name}/normalise.ts`,
  plan: (name) => `electron/providers/flags/${name}/plan.ts`,
  server: (name) => `test/integration/${name}/server.ts`,
  fixture: (name) => `test/integration/${name}/fixture.ts`,
  'own.test': (name) => `test/integration/${name}/${name}.test.ts`,
  'contract.test': (name) => `test/contract/${name}.test.ts`,
};
const FOLDERS = [(name: string) => `electron/providers/flags/${name}`, (name: string) => `test/integration/${name}`];
const CONNECTIONS = 'shared/model/config/connections/index.ts';
const REGISTRY = 'electron/providers/registry.ts';

/** A kind of connection: also a file name, and the start of names in the code. */
const NAME = /^[a-z][a-z0-9]{1,29}$/;
/**
 * What a new provider called `name` needs, with its name filled in: nothing is written. Throws `ScaffoldError` when the
 * name cannot be used, something of that name is there, or the two lists are not as they are expected.
 */
export function planProvider(root: string, name: string): PlannedFile[] {
  if (!NAME.test(name)) {
    throw new ScaffoldError(
      `${JSON.stringify(name)} is no name for a provider: 2 to 30 lower-case letters and digits, a letter first`,
    );
  }
  const connections = readFileSync(path.join(root, CONNECTIONS), 'utf8');
  const registry = readFileSync(path.join(root, REGISTRY), 'utf8');
  const places = [...FOLDERS, ...Object.values(TEMPLATES)].map((place) => place(name));
  const there = places.find((place) => existsSync(path.join(root, place)));
  if (there !== undefined) throw new ScaffoldError(`${name} is there already: ${there}`);
  const taken = new RegExp(`\\b${name}(ConnectionSchema|Flags)\\b|^ +${name}:`, 'm');
  if (taken.test(connections) || taken.test(registry)) {
    throw new ScaffoldError(`the name ${name} is taken: see ${CONNECTIONS} and ${REGISTRY}`);
  }
  const added = Object.entries(TEMPLATES).map(([template, place]) => ({
    file: place(name),
    text: filled(readFileSync(path.join(root, `scripts/new-provider/${template}.ts.txt`), 'utf8'), name),
    added: true,
  }));
  return [
    ...added,
    { file: CONNECTIONS, text: listed(connections, name), added: false },
    { file: REGISTRY, text: registered(registry, name), added: false },
  ];
}

/** Writes them; new files only where there is none. */
export function writeFiles(root: string, files: readonly PlannedFile[]): void {
  for (const { file, text, added } of files) {
    const target = path.join(root, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text, { flag: added ? 'wx' : 'w' });
  }
}

function filled(template: string, name: string): string {
  return template
    .replaceAll('__NAME__', name.toUpperCase())
    .replaceAll('__Name__', `${name.charAt(0).toUpperCase()}${name.slice(1)}`)
    .replaceAll('__name__', name);
}

function listed(text: string, name: string): string {
  const imported = afterLastImport(
    text,
    `import { ${name}ConnectionSchema } from './${name}.ts';`,
    /^import .* from '\.\/.*';$/,
    CONNECTIONS,
  );
  const opening = "const flagConnectionSchema = z.discriminatedUnion('kind', [\n";
  return atEndOf(imported, opening, '\n]);', `  ${name}ConnectionSchema,`, CONNECTIONS);
}

function registered(text: string, name: string): string {
  const imported = afterLastImport(
    text,
    `import { ${name}Flags } from './flags/${name}/index.ts';`,
    /^import .* from '\.\/flags\/.*';$/,
    REGISTRY,
  );
  return atEndOf(imported, 'const FLAG_PROVIDERS: ', '\n};', `  ${name}: ${name}Flags,`, REGISTRY);
}

/** Puts `line` after the last line that is an import of that form. */
function afterLastImport(text: string, line: string, form: RegExp, file: string): string {
  const lines = text.split('\n');
  const last = lines.findLastIndex((each) => form.test(each));
  if (last === -1) throw unexpected(file, 'its imports');
  return lines.toSpliced(last + 1, 0, line).join('\n');
}

/** Puts `line` at the end of the list that begins with `opening`, which must be there exactly once. */
function atEndOf(text: string, opening: string, closing: string, line: string, file: string): string {
  const start = text.indexOf(opening);
  const end = start === -1 ? -1 : text.indexOf(closing, start);
  if (end === -1 || text.includes(opening, start + 1)) throw unexpected(file, opening.trim());
  return `${text.slice(0, end)}\n${line}${text.slice(end)}`;
}

function unexpected(file: string, what: string): ScaffoldError {
  return new ScaffoldError(`${file} is not as expected (${what}): nothing was written; see docs/adding-a-provider.md`);
}
