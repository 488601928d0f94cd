// `npm run bench -- [--json] [--only ID] [--quick]`: installs and builds first, then runs the benchmarks under Node 24.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureBuilt, ensureInstalled, node24, root } from './lib/install.mjs';

ensureInstalled();
ensureBuilt();
const done = spawnSync(node24, [path.join(root, 'test/bench/main.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(done.status ?? 1);
