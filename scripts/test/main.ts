import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ensurePeers } from './peers.ts';
import { ensureServers } from './servers.ts';

/**
 * The whole gate: types, lint, import rules, build, then every test. Its last line is `N passed, N failed`, where each
 * static check counts as one. Exits 0 only when nothing failed.
 */
const root = path.resolve(import.meta.dirname, '../..');
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
const bin = (name: string) => path.join(root, 'node_modules/.bin', name);

const STATIC_CHECKS: readonly { name: string; command: string; args: string[] }[] = [
  ...['shared', 'electron', 'renderer', 'test'].map((layer) => ({
    name: `types: ${layer}`,
    command: bin('tsc'),
    args: ['-p', layer],
  })),
  { name: 'lint', command: bin('biome'), args: ['check', '--error-on-warnings', '.'] },
  { name: 'import rules', command: process.execPath, args: ['scripts/import-rules/main.ts'] },
  { name: 'build', command: process.execPath, args: ['scripts/build.ts'] },
];

const summarySchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numFailedTestSuites: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

let passed = 0;
let failed = 0;

function count(name: string, ok: boolean, startedMs: number): void {
  if (ok) passed += 1;
  else failed += 1;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
}

function finish(): never {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

const missing = ensureServers();
if (missing.length > 0) {
  console.log(`These commands are needed by the tests and are not installed: ${missing.join(', ')}`);
  failed += 1;
  finish();
}
try {
  ensurePeers();
} catch (error) {
  console.log(error instanceof Error ? error.message : String(error));
  failed += 1;
  finish();
}
for (const { name, command, args } of STATIC_CHECKS) {
  const started = performance.now();
  count(name, spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0, started);
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'scram-test-'));
const report = path.join(folder, 'report.json');
const run = spawnSync(
  process.execPath,
  [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit', env: { ...process.env, NO_COLOR: '1' } },
);
try {
  const summary = summarySchema.parse(JSON.parse(readFileSync(report, 'utf8')));
  passed += summary.numPassedTests;
  failed += summary.numFailedTests;
  // A file that fails before its first test has no failed test of its own: it counts as one.
  failed += summary.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  if (summary.numPendingTests > 0) console.log(`${summary.numPendingTests} skipped`);
} catch (error) {
  console.log(`the test report could not be read: ${error instanceof Error ? error.message : String(error)}`);
  failed += 1;
}
if (run.status !== 0 && failed === 0) {
  console.log(`the test runner ended with ${run.status ?? run.signal}, although no test failed`);
  failed += 1;
}
rmSync(folder, { recursive: true, force: true });
finish();
