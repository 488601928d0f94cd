import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor } from '../support/processes.ts';

const root = path.resolve(import.meta.dirname, '../..');
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'scram-start-'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

it('npm start without a display says so in one line and serves the web host until SIGTERM, which exits 0', async () => {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _w, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [path.join(root, 'scripts/start.mjs'), '--port', '0', '--no-open', '--json', '--data-dir', dataDir],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  try {
    await waitFor('the ready line', () => stdout.includes('\n'), { deadlineMs: 60_000 });
    const ready = JSON.parse(stdout) as { url: string; token: string; pid: number };
    expect(Object.keys(ready).sort()).toEqual(['pid', 'token', 'url']);
    expect(stderr.split('\n').filter((line) => line.includes('starting the web host instead'))).toHaveLength(1);
    const answer = await fetch(ready.url, { redirect: 'manual' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite=Strict|SameSite=Strict.*HttpOnly/i);
    process.kill(ready.pid, 'SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  } finally {
    child.kill('SIGKILL');
  }
});
