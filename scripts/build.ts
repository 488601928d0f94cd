import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Builds the page and the hosts into dist/: `node scripts/build.ts [--force]`. Does nothing when no source has changed
 * since the last build.
 */
const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const stampFile = path.join(dist, 'sources.sha256');

function stampOfSources(): string {
  const hash = createHash('sha256');
  const files = globSync('{shared,electron,renderer}/**/*', { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const tools = ['package.json', 'package-lock.json', 'vite.config.ts', 'scripts/build.ts'];
  for (const file of [...files, ...tools.map((name) => path.join(root, name))].sort()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function isCurrent(stamp: string): boolean {
  try {
    return readFileSync(stampFile, 'utf8') === stamp;
  } catch {
    return false;
  }
}

async function build(): Promise<void> {
  const vite = await import('vite');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  await vite.build({ configFile: path.join(root, 'vite.config.ts'), logLevel: 'warn' });
  const hosts = { web: 'web/main.ts', terminal: 'terminal/main.ts', desktop: 'desktop/main.ts' };
  const host = (rolldownOptions: object) =>
    vite.build({
      root,
      configFile: false,
      logLevel: 'warn',
      envDir: false,
      ssr: { noExternal: true, external: ['electron'], target: 'node' },
      build: {
        ssr: true,
        target: 'node24',
        outDir: 'dist/hosts',
        emptyOutDir: false,
        chunkSizeWarningLimit: 4000,
        rolldownOptions: { external: ['electron', 'bufferutil', 'utf-8-validate', /^node:/], ...rolldownOptions },
      },
    });
  await host({
    input: Object.fromEntries(
      Object.entries(hosts).map(([name, file]) => [name, path.join(root, 'electron/hosts', file)]),
    ),
    output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'parts/[name]-[hash].js' },
  });
  // A sandboxed preload is a script, not a module.
  await host({
    input: { preload: path.join(root, 'electron/hosts/desktop/preload/preload.ts') },
    output: { format: 'cjs', entryFileNames: '[name].cjs' },
  });
}

const stamp = stampOfSources();
if (process.argv.includes('--force') || !isCurrent(stamp)) {
  process.stderr.write('scram: building\n');
  await build();
  writeFileSync(stampFile, stamp);
}
