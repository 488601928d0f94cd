import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../support/processes.ts';
import {
  createTerminalTeam,
  FLAG,
  PASSPHRASES,
  type TeamOptions,
  type Terminal,
  type TerminalTeam,
} from '../support/terminal-team.ts';
import { runScram, startWebHost } from '../support/web-host.ts';

const KILL = ['kill', FLAG, '--env', 'production', '--reason', 'INC-1', '--yes'];
const CODE = /check code: ([0-9A-Z]{4}-[0-9A-Z]{4})/;

let folder: string;
let team: TerminalTeam;
let first: Terminal;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'scram-people-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function begin(options: TeamOptions = {}): Promise<void> {
  team = await createTerminalTeam(folder, options);
  first = team.first;
}
const codeIn = (text: string): string => CODE.exec(text)?.[1] ?? '';
const file = () => readFileSync(team.production, 'utf8');
async function kindsOf(terminal: Terminal): Promise<string[]> {
  const { stdout } = await terminal.run(null, [
    'ledger',
    'export',
    path.join(folder, `ledger-${Math.random()}`),
    '--json',
  ]);
  const { file: exported } = JSON.parse(stdout) as { file: string };
  return [...readFileSync(exported, 'utf8').matchAll(/\\?"kind\\?":\\?"([a-z.-]+)\\?"/g)].map(([, kind]) => kind ?? '');
}

describe('two people at one desk, in the terminal', () => {
  it('D1, D4: asked for, approved by the other, executed once; never by the requester', async () => {
    await begin();
    const asked = await first.run('alex', KILL);
    expect(asked.code).toBe(3);
    expect(file()).toBe(team.before);
    const code = codeIn(asked.stdout);
    expect(code).not.toBe('');

    const early = await first.run('alex', ['pending', '--execute', code, '--yes']);
    expect(early.code).toBe(3);
    const own = await first.run('alex', ['approve', code, '--yes']);
    expect(own.code).toBe(3);
    expect(file()).toBe(team.before);

    const approved = await first.run('sam', ['approve', code, '--yes', '--reason', 'seen']);
    expect({ code: approved.code, stderr: approved.stderr }).toEqual({ code: 0, stderr: '' });
    for (const words of [
      'PRODUCTION',
      '20 % of users',
      'INC-1',
      'Alex Roe (alex)',
      code,
      'affects: checkout',
      'undo:',
    ]) {
      expect(approved.stdout).toContain(words);
    }
    expect(file()).toBe(team.before);

    const done = await first.run('alex', ['pending', '--execute', code, '--yes']);
    expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: '' });
    expect(file()).not.toBe(team.before);
    writeFileSync(team.production, team.before);
    expect((await first.run('alex', ['pending', '--execute', code, '--yes'])).code).toBe(4);
    expect(file()).toBe(team.before);

    const kinds = await kindsOf(first);
    for (const kind of ['approval.requested', 'approval.decided', 'change.intent']) {
      expect(kinds.filter((one) => one === kind)).toHaveLength(1);
    }
    expect((await first.run(null, ['ledger', 'verify'])).code).toBe(0);
  });

  it('D1: --wait executes as soon as the other has approved, by a command of their own beside it', async () => {
    await begin();
    const waiting = first.begin('alex', [...KILL, '--wait', '60s']);
    const code = await waitFor('the request', () => codeIn(waiting.output()) || null, { deadlineMs: 30_000 });
    const approved = await waitFor(
      'the waiting console to let others in',
      async () => {
        const ran = await first.run('sam', ['approve', code, '--yes']);
        return ran.code === 0 ? ran : null;
      },
      { deadlineMs: 30_000 },
    );
    expect(approved.stdout).toContain('approved');
    const { code: exit, stdout } = await waiting.ended;
    expect(exit).toBe(0);
    expect(stdout).toMatch(/accepted after/);
    expect(file()).not.toBe(team.before);
  });

  it('D1: --wait ends with 3 when the other refuses, with the reason', async () => {
    await begin();
    const waiting = first.begin('alex', [...KILL, '--wait', '60s']);
    const code = await waitFor('the request', () => codeIn(waiting.output()) || null, { deadlineMs: 30_000 });
    const no = ['refuse', code, '--reason', 'wrong flag', '--yes'];
    await waitFor('the refusal', async () => (await first.run('sam', no)).code === 0, { deadlineMs: 30_000 });
    const { code: exit, stderr } = await waiting.ended;
    expect(exit).toBe(3);
    expect(stderr).toContain('wrong flag');
    expect(file()).toBe(team.before);
  });

  it('D11: what moved since is not executed: exit 4, and the other work stays', async () => {
    await begin();
    const code = codeIn((await first.run('alex', KILL)).stdout);
    expect((await first.run('sam', ['approve', code, '--yes'])).code).toBe(0);
    const theirs = team.before.replace('20', '25');
    writeFileSync(team.production, theirs);
    expect((await first.run('alex', ['pending', '--execute', code, '--yes'])).code).toBe(4);
    expect(file()).toBe(theirs);
  });

  it('D3, D9: broken glass lets one act alone, loudly, until it is reviewed; an incident holds the restore', async () => {
    await begin();
    expect((await first.run('alex', ['break-glass', 'production', '--yes', '--reason', 'nobody awake'])).code).toBe(0);
    const killed = await first.run('alex', KILL);
    expect(killed.code).toBe(0);
    expect(killed.stderr).toMatch(/BREAK-GLASS .*nobody awake/);
    const status = await first.run(null, ['status']);
    expect(status.stdout).toMatch(/BREAK-GLASS .*OPEN/);
    const [, id = ''] = /BREAK-GLASS ([0-9A-Z]+)/.exec(status.stdout) ?? [];
    const review = ['break-glass', '--review', id, '--verdict', 'accepted'];
    expect((await first.run('alex', review)).code).toBe(3);
    expect((await first.run('sam', review)).code).toBe(0);

    expect((await first.run('alex', ['incident', 'open', 'p99 up', '--env', 'production'])).code).toBe(0);
    const restore = ['restore', FLAG, '--env', 'production', '--reason', 'fixed', '--yes'];
    const held = await first.run('alex', restore);
    expect(held.code).toBe(3);
    expect(held.stderr).toMatch(/p99 up/);
    expect((await first.run('alex', [...restore, '--override', 'it is the fix'])).code).toBe(0);
    expect(file()).toBe(team.before);
  });
});

describe('two consoles that share no network', () => {
  it('D4: request and decision travel as text, through a chat that quotes and wraps', async () => {
    await begin();
    const other = await team.second();
    const asked = await first.run('alex', KILL);
    const code = codeIn(asked.stdout);
    const { stdout: request, stderr } = await first.run(null, ['bundle', 'export', code]);
    expect(request.length).toBeLessThan(2_500);
    expect(stderr).toContain(code);

    const inChat = `Sam, please look:\n${request.replace(/^/gm, '> ').replaceAll('-----', '—')}\nthanks`;
    const taken = await other.run(null, ['bundle', 'import', '-'], { input: inChat });
    expect({ code: taken.code, stderr: taken.stderr }).toEqual({ code: 0, stderr: '' });
    expect(codeIn(taken.stdout)).toBe(code);
    expect(taken.stdout).toMatch(/by a text block/);
    expect((await other.run('sam', ['approve', code, '--yes'])).code).toBe(0);
    expect((await other.run('sam', ['pending', '--execute', code, '--yes'])).code).toBe(3);
    const { stdout: decision } = await other.run(null, ['bundle', 'export', code]);
    expect(decision.length).toBeLessThan(1_000);

    const [frame = '', line = '', ...rest] = decision.split('\n');
    const damaged = [frame, line.slice(0, 20) + (line[20] === 'A' ? 'B' : 'A') + line.slice(21), ...rest].join('\n');
    const refused = await first.run(null, ['bundle', 'import', '-'], { input: damaged });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/altered/);
    expect((await first.run('alex', ['pending', '--execute', code, '--yes'])).code).toBe(3);

    expect((await first.run(null, ['bundle', 'import', '-'], { input: decision })).code).toBe(0);
    expect((await first.run('alex', ['pending', '--execute', code, '--yes'])).code).toBe(0);
    expect(file()).not.toBe(team.before);
  });
});

describe('founding a team', () => {
  const scram = (args: string[], env: Record<string, string> = {}) =>
    runScram([...args, '--data-dir', path.join(folder, 'data')], { cwd: folder, env });
  const INIT = ['init', 'config', '--operator', 'alex', '--name', 'Alex Roe'];

  it('D5: init makes the first admin, whose roster is in force, with the fingerprint to compare', async () => {
    expect((await scram(INIT)).code).toBe(6);
    const made = await scram(INIT, { SCRAM_PASSPHRASE: 'alex keeps bees' });
    expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' });
    const [, fingerprint = 'none'] = /fingerprint of the key: ([0-9a-f ]+)/.exec(made.stdout) ?? [];
    expect((await scram(['check', 'config'])).code).toBe(0);
    const shown = await scram(['roster', 'show', '--config', 'config']);
    expect(shown.stdout).toContain('roster: version 1, signed by alex');
    expect(shown.stdout).toContain(fingerprint);
    expect(shown.stdout).not.toContain('not signed yet');
    const kill = ['kill', FLAG, '--env', 'staging', '--reason', 'x', '--yes', '--config', 'config'];
    expect((await scram(kill)).code).toBe(6);
    const killed = await scram(kill, { SCRAM_PASSPHRASE: 'alex keeps bees' });
    expect(killed.code).toBe(0);
    const again = await scram(['init', 'other', '--operator', 'alex', '--name', 'Alex'], {
      SCRAM_PASSPHRASE: 'alex keeps bees',
    });
    expect(again.code).not.toBe(0);
    expect(existsSync(path.join(folder, 'other'))).toBe(false);
  });

  it('D5: a passphrase that is too short makes nothing', async () => {
    const made = await scram(INIT, { SCRAM_PASSPHRASE: 'short' });
    expect(made.code).toBe(2);
    expect(existsSync(path.join(folder, 'config'))).toBe(false);
  });
});

describe('beside a running console', () => {
  it('E3: a sealed credential is opened by two, who each unlock for themselves; the page stays locked', async () => {
    await begin();
    expect((await first.run('alex', ['vault', 'set', 'root-token'], { input: 'value-of-it' })).code).toBe(0);
    const seal = ['vault', 'seal', 'root-token', '--with', 'alex', '--with', 'sam'];
    expect((await first.run('alex', seal)).code).toBe(0);
    const open = ['vault', 'open', 'root-token', '--with', 'sam'];
    const second = { env: { SCRAM_SECOND_PASSPHRASE: PASSPHRASES.sam ?? '' } };
    const host = await startWebHost({ dataDir: first.dataDir, config: path.dirname(team.production) });
    try {
      expect((await first.run('alex', open)).code).toBe(6);
      const wrong = { env: { SCRAM_SECOND_PASSPHRASE: 'not of sam' } };
      expect((await first.run('alex', open, wrong)).code).toBe(6);
      const holding = first.begin('alex', open, second);
      await waitFor('the credential to be open', () => holding.output().includes('is open until'), {
        deadlineMs: 30_000,
      });
      expect((await first.run(null, ['vault', 'list'])).stdout).toMatch(/root-token +open until/);
      expect((await first.run(null, ['status'])).stdout).toMatch(/people: locked/);
      expect((await first.run(null, KILL, { env: { SCRAM_OPERATOR: 'alex' } })).code).toBe(6);
      holding.interrupt();
      const { code, stderr } = await holding.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect((await first.run(null, ['vault', 'list'])).stdout).toMatch(/root-token +sealed/);
      expect(host.log()).not.toContain('value-of-it');
    } finally {
      await host.stop();
    }
  });

  it('E3, D4: with no console running and nobody else at the desk, a share comes from another console as text', async () => {
    await begin({ apart: true });
    const other = await team.second();
    expect((await first.run('alex', ['vault', 'set', 'root-token'], { input: 'value-of-it' })).code).toBe(0);
    const seal = ['vault', 'seal', 'root-token', '--with', 'alex', '--with', 'sam'];
    expect((await first.run('alex', seal)).code).toBe(0);
    const holding = first.begin('alex', ['vault', 'open', 'root-token', '--with', 'sam']);
    await waitFor('the wish for a share', () => holding.output().includes('END SCRAM OPEN REQUEST'), {
      deadlineMs: 30_000,
    });
    await waitFor('the waiting command to let others in', async () => (await first.run(null, ['pending'])).code === 0, {
      deadlineMs: 30_000,
    });
    const given = await other.run('sam', ['bundle', 'import', '-'], { input: holding.output() });
    expect(given.code).toBe(0);
    expect(given.stdout).toContain('BEGIN SCRAM OPEN SHARE');
    expect(given.stdout + holding.output()).not.toContain('value-of-it');
    const taken = await first.run('alex', ['bundle', 'import', '-'], { input: given.stdout });
    expect({ code: taken.code, stderr: taken.stderr }).toEqual({ code: 0, stderr: '' });
    await waitFor('the credential to be open', () => holding.output().includes('is open until'), {
      deadlineMs: 30_000,
    });
    holding.interrupt();
    expect((await holding.ended).code).toBe(0);
    expect((await first.run('alex', ['bundle', 'import', '-'], { input: given.stdout })).code).toBe(3);
  });
});

describe('what nobody may do or see', () => {
  it('E2, D5: locked without a passphrase, and with a wrong one: exit 6, nothing done', async () => {
    await begin();
    const none = await first.run(null, KILL, { env: { SCRAM_OPERATOR: 'alex' } });
    expect(none.code).toBe(6);
    expect(none.stderr).toMatch(/SCRAM_PASSPHRASE/);
    const wrong = await first.run('alex', KILL, { env: { SCRAM_PASSPHRASE: 'a wrong one' } });
    expect(wrong.code).toBe(6);
    expect(wrong.stderr + wrong.stdout).not.toContain('a wrong one');
    expect((await first.run(null, ['flags'])).code).toBe(0);
    expect((await first.run(null, ['pending'])).stdout).toMatch(/nothing waits/);
    expect(file()).toBe(team.before);
  });

  it('E2: no child of a command has the passphrase, and a credential from a command works', async () => {
    const seen = path.join(folder, 'environment');
    const program = path.join(folder, 'credential.sh');
    writeFileSync(program, `#!/bin/sh\nenv > '${seen}'\necho token-from-a-command\n`, { mode: 0o755 });
    await begin({
      connections: `  - { id: prom, kind: prometheus, url: http://127.0.0.1:9, credential: "cmd:${program}" }\n`,
    });
    rmSync(seen, { force: true });
    const env = { SCRAM_SECOND_PASSPHRASE: 'second canary', SCRAM_NEW_PASSPHRASE: 'new canary' };
    await first.run('alex', KILL, { env });
    expect(existsSync(seen)).toBe(true);
    const text = readFileSync(seen, 'utf8');
    for (const secret of [PASSPHRASES.alex ?? '', 'second canary', 'new canary']) expect(text).not.toContain(secret);
  });

  it('E2, E3: a value goes into the vault from stdin and is found nowhere else; two people seal it', async () => {
    await begin();
    const canary = 'canary-5b1f0c77';
    const set = await first.run('alex', ['vault', 'set', 'root-token'], { input: `${canary}\n` });
    expect({ code: set.code, stderr: set.stderr }).toEqual({ code: 0, stderr: '' });
    expect((await first.run('sam', ['vault', 'set', 'other'], { input: canary })).code).toBe(3);
    expect((await first.run('alex', ['vault', 'set', 'root-token', canary])).code).toBe(2);
    expect((await first.run(null, ['vault', 'list'])).stdout).toMatch(/root-token +whole/);
    const seal = ['vault', 'seal', 'root-token', '--with', 'alex', '--with', 'sam'];
    expect((await first.run('alex', seal)).code).toBe(0);
    expect((await first.run(null, ['vault', 'list'])).stdout).toMatch(/root-token +sealed.*alex, sam/);
    for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      expect(readFileSync(path.join(name.parentPath, name.name)).includes(canary), name.name).toBe(false);
    }
  });

  it.runIf(existsSync('/usr/bin/script') && process.platform === 'linux')(
    'E2: what is typed at a terminal for a passphrase or a value is not shown',
    async () => {
      await begin();
      const terminal = path.resolve(import.meta.dirname, '../../dist/hosts/terminal.js');
      const command = `'${process.execPath}' '${terminal}' vault set typed --as alex --data-dir '${first.dataDir}'`;
      const child = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], { cwd: path.dirname(team.production) });
      let output = '';
      child.stdout.on('data', (part: Buffer) => {
        output += part.toString();
      });
      await waitFor('the passphrase to be asked for', () => output.includes('Passphrase of Alex Roe'), {
        deadlineMs: 20_000,
      });
      child.stdin.write(`${PASSPHRASES.alex}\r`);
      await waitFor('the value to be asked for', () => output.includes('Value of typed'), { deadlineMs: 20_000 });
      child.stdin.write('typed-canary\r');
      const [code] = await once(child, 'close');
      expect(code).toBe(0);
      expect(output).toContain('typed: set');
      expect(output).not.toContain(PASSPHRASES.alex);
      expect(output).not.toContain('typed-canary');
      expect((await first.run(null, ['vault', 'list'])).stdout).toMatch(/typed +whole/);
    },
  );
});

describe('the practice sandbox in the terminal', () => {
  it('G1, D1: its people are known, with their passphrase; a viewer may not act, a responder may', async () => {
    const sandbox = (...args: string[]) =>
      runScram([...args, '--data-dir', path.join(folder, 'practice')], { cwd: folder });
    const status = await sandbox('status');
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/people: .*alex, sam.*practice/);
    const viewer = await sandbox('incident', 'open', 'practice', '--env', 'production', '--as', 'robin');
    expect(viewer.code).toBe(3);
    expect((await sandbox('incident', 'open', 'practice', '--env', 'production', '--as', 'alex')).code).toBe(0);
  });
});
