import { credentialsIn } from '../../shared/model/config/credentials.ts';
import type { Config } from '../../shared/model/config/index.ts';
import { ScramError } from '../../shared/model/error.ts';
import { createCredentials, type CredentialPorts } from '../services/credentials/credentials.ts';

export type SecretLookup = (credential: string) => string;

/** For commands that work beside a running console, and so without its vault: names of the vault are told as locked. */
export const LOCKED_VAULT: CredentialPorts['vault'] = {
  open: false,
  credentials: () => [],
  credential(): string {
    throw new ScramError('locked', 'the vault is not opened by this command', {
      action: 'name env:NAME or cmd:COMMAND instead',
    });
  },
  sealed: () => [],
};

export interface ResolvedSecrets {
  readonly secret: SecretLookup;
  /** Some could not be had because nobody has unlocked the console, or two people have not opened them. */
  readonly locked: boolean;
}

/** Looks up every secret of the configuration at once, before anything that needs one is made (E2). */
export async function resolveSecrets(
  config: Config,
  ports: CredentialPorts,
  signal: AbortSignal,
): Promise<ResolvedSecrets> {
  const { connections, notify, teamStore } = config;
  const found = await createCredentials(ports).resolveAll(credentialsIn([connections, notify, teamStore]), signal);
  return {
    locked: [...found.values()].some((value) => value instanceof ScramError && value.code === 'locked'),
    secret(credential) {
      const value = found.get(credential);
      if (value instanceof ScramError) throw value;
      if (value === undefined) throw new ScramError('internal', 'a credential was asked for that nobody looked up');
      return value;
    },
  };
}
