import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../electron/platform/run-command.ts';
import { tempFolder } from '../../support/temp.ts';
import { readFileSync } from 'node:fs';

const NODE = process.execPath;
const env = { PATH: process.env.PATH ?? '' };
const run = (script: string, options: Partial<Parameters<typeof runCommand>[1]> = {}) =>
  runCommand([NODE, '-e', script], { env, timeoutMs: 20_000, signal: undefined, ...options });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('E2: a command that prints a credential', () => {
  it('gives its output and its code, and is asked by no shell', async () => {
    expect(await run('process.stdout.write("a b\\n"); process.exit(3)')).toEqual({ code: 3, stdout: 'a b\n' });
    const words = ['$HOME', '`id`', '; exit 1', '*'];
    const script = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
    const { stdout } = await runCommand([NODE, '-e', script, ...words], { env, timeoutMs: 20_000, signal: undefined });
    expect(JSON.parse(stdout)).toEqual(words);
  });

  it('gets no input and no variable but those given', async () => {
    const script = 'process.stdin.on("end", () => console.log(JSON.stringify(process.env))).resume()';
    expect(JSON.parse((await run(script)).stdout)).toEqual(env);
  });

  it('that is not there is told', async () => {
    const options = { env, timeoutMs: 20_000, signal: undefined };
    await expect(runCommand(['/no/such/program'], options)).rejects.toMatchObject({ code: 'credential' });
    await expect(runCommand([''], options)).rejects.toThrow();
  });

  it('that hangs is ended with all that it started', async () => {
    using folder = tempFolder('command');
    const file = folder.at('pid');
    const script = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      require('node:fs').writeFileSync(${JSON.stringify(file)}, String(child.pid));
      process.stdout.write('CANARY');
      setInterval(() => {}, 1000);`;
    const error = await run(script, { timeoutMs: 1500 }).catch((one) => one);
    expect(error).toMatchObject({ code: 'timeout' });
    expect(error.message).not.toContain('CANARY');
    const pid = Number(readFileSync(file, 'utf8'));
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });

  it('is ended when nobody waits any more', async () => {
    const stop = new AbortController();
    const running = run('setInterval(() => {}, 1000)', { signal: stop.signal });
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await expect(run('1', { signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('that prints without end is ended', async () => {
    const script = 'const more = () => process.stdout.write("x".repeat(65536), more); more()';
    await expect(run(script)).rejects.toMatchObject({ code: 'too-large' });
  });
});
