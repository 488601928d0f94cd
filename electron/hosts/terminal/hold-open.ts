import type { VaultState } from '../../../shared/model/vault.ts';
import type { ConsoleClient } from './client.ts';
import type { CommandContext } from './command.ts';
import { timeOf } from './describe-approval.ts';

/** One look at the vault; in between it says that somebody is still here, milliseconds. */
const LOOK_MS = 30_000;

/**
 * Stays as long as a sealed credential is open: what two people opened is forgotten when nobody is here any more (E3),
 * and a command that ends locks. Other commands use the console meanwhile. Ends when the time is over, when the person
 * stops it, or when nobody has given a share within `waitMs`. Returns whether it ever was open.
 */
export async function holdOpen(
  client: ConsoleClient,
  context: CommandContext,
  name: string,
  waitMs: number,
): Promise<boolean> {
  await client.serveOthers();
  const stopped = context.untilStopped().then(() => null);
  const giveUpMs = Date.now() + waitMs;
  let open = false;
  for (;;) {
    const look = client.watch('vault.watch', {}, (state) => (untilOf(state, name) !== null) !== open, LOOK_MS);
    const state = await Promise.race([stopped, look]);
    if (state === null) return open;
    const untilMs = untilOf(state, name);
    if (untilMs === null && open) return true;
    if (untilMs !== null && !open) {
      open = true;
      context.out.json({ name, untilMs });
      context.out.say(`${name} is open until ${timeOf(untilMs)}, or until this command is stopped (Ctrl-C)`);
    }
    if (!open && Date.now() >= giveUpMs) return false;
    await client.call('people.touch', {});
  }
}

function untilOf({ sealed }: VaultState, name: string): number | null {
  return sealed.find((one) => one.name === name)?.openUntilMs ?? null;
}
