import { ScramError } from '../../../shared/model/error.ts';
import type { PeopleState } from '../../../shared/model/operator.ts';
import { type OptionShape, UsageError } from './arguments.ts';
import type { ConsoleClient } from './client.ts';
import type { CommandContext } from './command.ts';

/** What every command takes that asks for more than looking. */
export const PERSON_OPTIONS: OptionShape = {
  as: { value: 'ID', help: 'operator who acts; else SCRAM_OPERATOR, else the only one with a key here' },
};

/** What a locked terminal says next. */
const HOW = 'set SCRAM_PASSPHRASE, or run the command at a terminal, where it asks';

/**
 * Unlocks this connection for the person who acts, unless it is (D5, E2). Where no operators are configured it only
 * opens the vault, when `vault` says that it is needed or a passphrase was given. Throws `locked` (exit 6) saying what
 * is missing. Returns who is here now.
 */
export async function unlock(
  client: ConsoleClient,
  context: CommandContext,
  { vault = false }: { vault?: boolean } = {},
): Promise<PeopleState> {
  const state = await client.snapshot('people.watch', {});
  const asked = context.args.text('as');
  if (!state.enforced && state.unlockable.length === 0) {
    if (asked !== undefined) throw new UsageError('scram.yaml names no operators: leave --as out');
    return state;
  }
  const named = nameGiven(context);
  if (state.me !== null && (named === undefined || state.me.operator === named)) return state;
  if (!state.enforced && !vault && context.secrets.passphrase === null && !(await vaultIsWanted(client))) return state;
  const operator = whoActs(state, context);
  await unlockAs(client, context, state, operator);
  return client.snapshot('people.watch', {});
}

/**
 * For commands that only look: unlocks when a passphrase was given and it is told whose it is, so that credentials of
 * the vault can be read. Otherwise they show what a locked console shows.
 */
export async function unlockIfGiven(client: ConsoleClient, context: CommandContext): Promise<void> {
  if (context.secrets.passphrase === null && context.args.text('as') === undefined) return;
  const { unlockable } = await client.snapshot('people.watch', {});
  const named = nameGiven(context);
  if (named !== undefined || unlockable.length === 1) await unlock(client, context, { vault: true });
}

async function unlockAs(
  client: ConsoleClient,
  context: CommandContext,
  state: PeopleState,
  operator: string,
): Promise<void> {
  const name = state.unlockable.find((one) => one.operator === operator)?.name ?? operator;
  const given = context.secrets.passphrase ?? state.practicePassphrase;
  const passphrase = given ?? (await context.askSecret(`Passphrase of ${name} (${operator}): `));
  if (passphrase === null || passphrase === '') {
    throw new ScramError('locked', `this console is locked: ${name} (${operator}) must unlock it`, { action: HOW });
  }
  try {
    await client.call('people.unlock', { operator, passphrase });
  } catch (error) {
    // Held back after wrong passphrases: for a script that is the same as locked, exit code 6.
    if (!(error instanceof ScramError) || error.code !== 'rate-limited') throw error;
    throw new ScramError('locked', error.message, { action: 'wait, then try again', cause: error });
  }
  // What waited for a credential of the vault is asked again: a command goes on when it has answered.
  await client.settled();
}

/** Undefined when nobody is named; an empty variable names nobody. */
function nameGiven({ args, env }: CommandContext): string | undefined {
  return args.text('as') ?? (env.SCRAM_OPERATOR || undefined);
}

/** By --as, else SCRAM_OPERATOR, else whoever is the only one with a key here. */
function whoActs({ unlockable }: PeopleState, context: CommandContext): string {
  const named = nameGiven(context);
  const known = unlockable.map(({ operator }) => operator);
  if (named !== undefined) {
    if (known.includes(named)) return named;
    throw new ScramError('locked', `${named} has no key on this console`, {
      action: known.length === 0 ? ENROL : `there are keys of ${known.join(', ')}; scram operator enrol makes one`,
    });
  }
  const [only, ...more] = known;
  if (only === undefined) throw new ScramError('locked', 'nobody has a key on this console', { action: ENROL });
  if (more.length === 0) return only;
  throw new ScramError('locked', `this console is locked, and ${known.length} people can unlock it`, {
    action: `say who you are with --as or SCRAM_OPERATOR: ${known.join(', ')}`,
  });
}

const ENROL = 'make one: scram operator enrol ID';

/** Whether the configuration asks for credentials that only an open vault gives. */
async function vaultIsWanted(client: ConsoleClient): Promise<boolean> {
  const { open, credentials } = await client.snapshot('vault.watch', {});
  return !open && credentials.some(({ usedBy }) => usedBy.length > 0);
}

/** A passphrase for a new key: given, or typed twice. Throws `locked` without a terminal, `invalid-input` when they differ. */
export async function newPassphrase(context: CommandContext, given: string | null, whose: string): Promise<string> {
  if (given !== null) return given;
  const first = await context.askSecret(`New passphrase of ${whose}: `);
  if (first === null) {
    throw new ScramError('locked', `a passphrase is needed for the key of ${whose}`, { action: HOW });
  }
  const again = await context.askSecret('The same again: ');
  if (first === again && first !== '') return first;
  throw new ScramError('invalid-input', 'the two were not the same: nothing was made', { action: 'try again' });
}
