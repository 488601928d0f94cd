import type { ScramError } from '../../../shared/model/error.ts';

/** Turns what scram.yaml says of a secret into the secret (E2). */
export interface Credentials {
  /**
   * `env:NAME`, `cmd:` and a command, or a name of the vault. Throws `locked` while the vault is, or while two people
   * have not opened a sealed one; `credential` when there is none or the command gives none; `timeout`, `cancelled`.
   */
  resolve(credential: string, signal?: AbortSignal): Promise<string>;
  /** All of them, each once; what failed stands as its error. Never rejects. */
  resolveAll(credentials: Iterable<string>, signal?: AbortSignal): Promise<Map<string, string | ScramError>>;
}
