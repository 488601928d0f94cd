// `npm test`: everything, on a fresh clone too. Runs on Node 20 until Node 24 is installed.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureInstalled, node24, root } from './lib/install.mjs';

ensureInstalled();
const done = spawnSync(node24, [path.join(root, 'scripts/test/main.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${path.join(root, 'node_modules/.bin')}${path.delimiter}${process.env.PATH}` },
});
process.exit(done.status ?? 1);
