/** What people would otherwise type without being seen, given to a command that nobody sits at. */
export interface Secrets {
  /** SCRAM_PASSPHRASE: of the person who acts. */
  readonly passphrase: string | null;
  /** SCRAM_SECOND_PASSPHRASE: of the second person at the same desk. */
  readonly second: string | null;
  /** SCRAM_NEW_PASSPHRASE: for a key that is made, or made over, beside somebody who unlocks with the first. */
  readonly next: string | null;
}

/** Reads them and takes them out of the environment, so that no child of this process has them (E2). */
export function takeSecrets(env: Record<string, string | undefined>): Secrets {
  const take = (name: string): string | null => {
    const value = env[name];
    delete env[name];
    return value === undefined || value === '' ? null : value;
  };
  return {
    passphrase: take('SCRAM_PASSPHRASE'),
    second: take('SCRAM_SECOND_PASSPHRASE'),
    next: take('SCRAM_NEW_PASSPHRASE'),
  };
}
