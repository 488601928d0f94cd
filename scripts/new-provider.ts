import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { NOT_BUILT_KINDS } from '../shared/model/config/index.ts';
import { planProvider, ScaffoldError, writeFiles } from './new-provider/scaffold.ts';

/** `npm run new:provider -- NAME`: a flag provider that works against an example API, to be replaced by the real one. */
const root = path.resolve(import.meta.dirname, '..');
const [name, ...others] = process.argv.slice(2);
if (name === undefined || others.length > 0 || name.startsWith('-')) {
  console.error('usage: npm run new:provider -- NAME   (the kind of connection, such as acmeflags)');
  process.exit(2);
}

try {
  const files = planProvider(root, name);
  writeFiles(root, files);
  format(files.map(({ file }) => file));
  console.log(files.map(({ file, added }) => `${added ? 'written' : 'changed'}: ${file}`).join('\n'));
  console.log(`
It works as it is, against an example API. See for yourself:
  npx vitest run --project contract test/contract/${name}.test.ts

Next, as docs/adding-a-provider.md explains:
  1. test/integration/${name}/server.ts: the service's own API, strict, from its documents; name them there
  2. electron/providers/flags/${name}/: its answers, its off, its precondition; say truly what it can (capabilities)
  3. shared/model/config/connections/${name}.ts: its settings, each described; then \`npm run schema\`${
    NOT_BUILT_KINDS.has(name) ? `\n     and take ${name} out of NOT_BUILT_KINDS in shared/model/config/index.ts` : ''
  }
  4. docs/connections.md: \`## kind: ${name}\`, every setting, what a kill does and what an undo puts back
  5. npm run types && npm run lint && npm test`);
} catch (error) {
  if (!(error instanceof ScaffoldError)) throw error;
  console.error(`new:provider: ${error.message}`);
  process.exitCode = 1;
}

/** Where a line ends depends on how long the name is. */
function format(files: readonly string[]): void {
  const biome = path.join(root, 'node_modules/@biomejs/biome/bin/biome');
  const done = spawnSync(process.execPath, [biome, 'format', '--write', ...files], { cwd: root, encoding: 'utf8' });
  if (done.status !== 0) {
    throw new ScaffoldError(`the files are written, but were not formatted (npm run format): ${done.stderr}`);
  }
}
