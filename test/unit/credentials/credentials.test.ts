import { describe, expect, it } from 'vitest';
import type { RunCommand } from '../../../electron/services/credentials/command.ts';
import { createCredentials } from '../../../electron/services/credentials/credentials.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { createWorld, holdersOf } from '../../support/sealed.ts';

const CANARY = 'CANARY-output-9d2e';

async function scene(run: RunCommand = async () => ({ code: 0, stdout: ` ${CANARY}\n` })) {
  const world = createWorld();
  const { vault, keyrings } = await world.console('alex', 'sam');
  await vault.setCredential('flags', 'from the vault');
  await vault.setCredential('break', 'sealed one');
  await vault.seal('break', holdersOf(world.people, 'alex', 'sam'));
  const registered: string[] = [];
  const opened = new Map<string, string>();
  const ran: { words: readonly string[]; env: object; timeoutMs: number }[] = [];
  const credentials = createCredentials({
    vault,
    env: { TOKEN: 'from the environment', EMPTY: '', SCRAM_PASSPHRASE: 'phrase', PATH: '/bin' },
    runCommand: (words, options) => {
      ran.push({ words, env: options.env, timeoutMs: options.timeoutMs });
      return run(words, options);
    },
    registerSecret: (text) => registered.push(text),
    opened: { get: (name) => opened.get(name) ?? null },
  });
  const lock = () => Object.values(keyrings).map((keyring) => keyring.dispose());
  return { credentials, registered, opened, ran, lock };
}

describe('E2: where a credential comes from', () => {
  it('the environment, a command, the vault; and the log will never print it', async () => {
    const { credentials, registered, ran } = await scene();
    expect(await credentials.resolve('env:TOKEN')).toBe('from the environment');
    expect(await credentials.resolve("cmd:op read 'a b'")).toBe(CANARY);
    expect(await credentials.resolve('flags')).toBe('from the vault');
    expect(registered).toEqual(['from the environment', CANARY, 'from the vault']);
    expect(ran).toEqual([{ words: ['op', 'read', 'a b'], env: { EMPTY: '', PATH: '/bin' }, timeoutMs: 15_000 }]);
  });

  it.each<[string, string, string | RegExp]>([
    ['env:MISSING', 'credential', /MISSING/],
    ['env:EMPTY', 'credential', /EMPTY/],
    ['nowhere', 'credential', 'scram vault set nowhere'],
    ['break', 'locked', 'two people open it'],
    ["cmd:''", 'credential', /cmd:/],
    ['cmd:op "x', 'credential', /cmd:/],
  ])('%s: %s, and what to do', async (credential, code, action) => {
    const { credentials } = await scene();
    await expect(credentials.resolve(credential)).rejects.toMatchObject({
      code,
      action: typeof action === 'string' ? action : expect.stringMatching(action),
    });
  });

  it('a locked vault says to unlock the console; a name that is not in it says so even then', async () => {
    const { credentials, lock } = await scene();
    lock();
    await expect(credentials.resolve('flags')).rejects.toMatchObject({ code: 'locked', action: 'unlock the console' });
    await expect(credentials.resolve('nowhere')).rejects.toMatchObject({ code: 'credential' });
  });

  it('E3: a sealed one is there while two people have it open, and no longer', async () => {
    const { credentials, opened, lock } = await scene();
    lock();
    opened.set('break', 'sealed one');
    expect(await credentials.resolve('break')).toBe('sealed one');
    opened.clear();
    await expect(credentials.resolve('break')).rejects.toMatchObject({ code: 'locked' });
  });

  it.each<[string, number | null, string]>([
    ['fails', 3, CANARY],
    ['is ended', null, CANARY],
    ['prints nothing', 0, ' \n'],
  ])('a command that %s tells nothing of what it printed', async (_name, code, stdout) => {
    const { credentials, registered } = await scene(async () => ({ code, stdout }));
    const error = await credentials.resolve('cmd:op read it').catch((one) => one);
    expect(error).toMatchObject({ code: 'credential' });
    expect(error.message).toMatch(/command op (failed \(exit 3\)|was ended|printed nothing)/);
    expect(JSON.stringify([error, error.message, error.action, String(error.cause)])).not.toContain('CANARY');
    expect(registered).toEqual([]);
  });

  it('all at once: each is asked for once, one that fails does not stop the others, commands see no secret', async () => {
    const { credentials, ran } = await scene();
    const found = await credentials.resolveAll(['cmd:op x', 'env:TOKEN', 'flags', 'env:TOKEN', 'cmd:op x', 'nowhere']);
    expect([...found.keys()].sort()).toEqual(['cmd:op x', 'env:TOKEN', 'flags', 'nowhere']);
    expect(found.get('cmd:op x')).toBe(CANARY);
    expect(found.get('nowhere')).toBeInstanceOf(ScramError);
    expect(ran).toEqual([{ words: ['op', 'x'], env: { EMPTY: '', PATH: '/bin' }, timeoutMs: 15_000 }]);
  });

  it('what is no error of ours says nothing of itself', async () => {
    const { credentials } = await scene(() => Promise.reject(new Error(CANARY)));
    const found = await credentials.resolveAll(['cmd:op x']);
    expect(found.get('cmd:op x')).toMatchObject({ code: 'internal', message: expect.not.stringContaining('CANARY') });
  });
});
