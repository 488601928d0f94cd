import { ScramError } from '../../../shared/model/error.ts';
import type { Vault } from '../vault/api.ts';
import type { Credentials } from './api.ts';
import { childEnvironment, type RunCommand, splitWords } from './command.ts';

const COMMAND_LIMIT_MS = 15_000;

export interface CredentialPorts {
  readonly vault: Pick<Vault, 'open' | 'credentials' | 'credential' | 'sealed'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly runCommand: RunCommand;
  /** From then on the log never prints it. */
  readonly registerSecret: (text: string) => void;
  /** What two people have opened for a while; null while it is sealed. */
  readonly opened: { get(name: string): string | null };
}

/** Every secret that comes out is one that the log will never print, and that no child finds in its environment. */
export function createCredentials(ports: CredentialPorts): Credentials {
  const { vault, env, runCommand, registerSecret, opened } = ports;
  const known = new Set<string>();

  function secret(value: string): string {
    registerSecret(value);
    known.add(value);
    return value;
  }

  function fromEnvironment(name: string): string {
    const value = env[name];
    if (value !== undefined && value !== '') return value;
    throw new ScramError('credential', `the environment variable ${name} is not set`, {
      action: `set ${name} before starting, or name another variable in scram.yaml`,
    });
  }

  function fromVault(name: string): string {
    const open = opened.get(name);
    if (open !== null) return open;
    if (vault.sealed().some((record) => record.name === name)) {
      throw new ScramError('locked', `the credential ${name} is sealed`, { action: 'two people open it' });
    }
    if (!vault.credentials().some((credential) => credential.name === name)) {
      throw new ScramError('credential', `there is no credential ${name} in the vault`, {
        action: `scram vault set ${name}`,
      });
    }
    if (!vault.open) {
      throw new ScramError('locked', `the credential ${name} is in the vault, which is locked`, {
        action: 'unlock the console',
      });
    }
    return vault.credential(name);
  }

  async function fromCommand(command: string, signal: AbortSignal | undefined): Promise<string> {
    const words = splitWords(command);
    const [program = ''] = words;
    if (program === '') throw commandError('', 'names no program');
    const options = { env: childEnvironment(env, known), timeoutMs: COMMAND_LIMIT_MS, signal };
    const { code, stdout } = await runCommand(words, options);
    // What it printed is left out of every error: it may be the secret, or half of it.
    if (code !== 0)
      throw commandError(program, code === null ? 'was ended before it was done' : `failed (exit ${code})`);
    const value = stdout.trim();
    if (value === '') throw commandError(program, 'printed nothing');
    return value;
  }

  async function resolve(credential: string, signal?: AbortSignal): Promise<string> {
    if (credential.startsWith('env:')) return secret(fromEnvironment(credential.slice('env:'.length)));
    if (credential.startsWith('cmd:')) return secret(await fromCommand(credential.slice('cmd:'.length), signal));
    return secret(fromVault(credential));
  }

  /** Commands last: by then every secret of the environment is known, and kept out of theirs. */
  async function resolveAll(credentials: Iterable<string>, signal?: AbortSignal) {
    const names = [...new Set(credentials)];
    const isCommand = (name: string) => name.startsWith('cmd:');
    const found = new Map<string, string | ScramError>();
    const take = async (name: string) => {
      const value = await resolve(name, signal).catch((error: unknown) => {
        return error instanceof ScramError
          ? error
          : new ScramError('internal', 'a credential could not be read', { cause: error });
      });
      found.set(name, value);
    };
    await Promise.all(names.filter((name) => !isCommand(name)).map(take));
    await Promise.all(names.filter(isCommand).map(take));
    return found;
  }

  return { resolve, resolveAll };
}

function commandError(program: string, what: string): ScramError {
  return new ScramError('credential', `the credential's command ${program} ${what}`.replace('  ', ' '), {
    action: 'run the command after cmd: by hand, signed in as the same user',
  });
}
