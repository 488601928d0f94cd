import { describe, expect, it } from 'vitest';
import { runCommand } from '../../electron/platform/run-command.ts';
import { createCredentials } from '../../electron/services/credentials/credentials.ts';
import { holdersOfSecret } from '../support/secret-forms.ts';
import { memoryFiles, openVault, PASSPHRASE } from '../support/vault.ts';

const TOKEN = 'CANARY-token-of-the-environment';
const VAULTED = 'CANARY-credential-of-the-vault';
/** A real child that prints its whole environment and its command line. */
const SHOW = 'process.stdout.write(JSON.stringify({ env: process.env, argv: process.argv }))';

async function scene() {
  const { vault } = await openVault(memoryFiles());
  await vault.enrol('alex', PASSPHRASE, null);
  await vault.unlock('alex', PASSPHRASE);
  await vault.setCredential('flags', VAULTED);
  const registered: string[] = [];
  const credentials = createCredentials({
    vault,
    env: {
      PATH: process.env.PATH,
      HOME: '/home/somebody',
      SCRAM_PASSPHRASE: PASSPHRASE,
      FLAGS_TOKEN: TOKEN,
      FLAGS_URL: `https://ops:${TOKEN}@flags.example`,
      COPY: VAULTED,
    },
    runCommand,
    registerSecret: (text) => registered.push(text),
    opened: { get: () => null },
  });
  return { credentials, registered };
}

describe('023: what a child of cmd: is given (E2)', () => {
  it('neither the passphrase nor a secret that was resolved stands in its environment or command line', async () => {
    const { credentials, registered } = await scene();
    const command = `cmd:"${process.execPath}" -e '${SHOW}'`;
    const found = await credentials.resolveAll([command, 'env:FLAGS_TOKEN', 'flags']);
    const printed = String(found.get(command));
    const place = new Map([['the child', Buffer.from(printed)]]);
    for (const secret of [PASSPHRASE, TOKEN, VAULTED]) expect(holdersOfSecret(secret, place)).toEqual([]);
    expect(Object.keys(JSON.parse(printed).env).sort()).toEqual(['HOME', 'PATH']);
    expect(registered).toEqual(expect.arrayContaining([TOKEN, VAULTED, printed]));
  });

  it('a child that was given them would have shown them', async () => {
    const { stdout } = await runCommand([process.execPath, '-e', SHOW], {
      env: { SCRAM_PASSPHRASE: PASSPHRASE },
      timeoutMs: 20_000,
      signal: undefined,
    });
    expect(holdersOfSecret(PASSPHRASE, new Map([['the child', Buffer.from(stdout)]]))).toEqual(['the child']);
  });

  it('no shell reads the command: nothing in it runs but the program', async () => {
    const { credentials } = await scene();
    const argv = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
    const text = await credentials.resolve(
      `cmd:"${process.execPath}" -e '${argv}' $SCRAM_PASSPHRASE ; id && $(id) > x`,
    );
    expect(JSON.parse(text)).toEqual(['$SCRAM_PASSPHRASE', ';', 'id', '&&', '$(id)', '>', 'x']);
  });
});
