import type { ScramError } from '../../shared/model/error.ts';
import type { Client } from './client.ts';
import { toScramError } from './errors.ts';

/** `locked` from these says that the passphrase or the keychain was wrong, not that the console is locked. */
function unlocksItself(op: string, input: object): boolean {
  return 'passphrase' in input || op === 'people.unlockByKeychain';
}

/**
 * A call that a locked console refuses leads to Unlock, and goes on with what was asked once it is unlocked; never
 * more than once, and never after something was done: `locked` is answered before a handler runs (D5).
 */
export function withUnlock(client: Client, ask: () => Promise<boolean>): Client {
  return {
    ...client,
    call: async (op, input) => {
      try {
        return await client.call(op, input);
      } catch (thrown) {
        const error: ScramError = toScramError(thrown);
        if (error.code !== 'locked' || unlocksItself(op, input) || !(await ask())) throw error;
        return client.call(op, input);
      }
    },
  };
}
