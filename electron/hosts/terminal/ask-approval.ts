import type { ApprovalItem, ApprovalState, ApprovalSubject } from '../../../shared/model/approval.ts';
import type { PolicyDemand } from '../../../shared/model/change.ts';
import { parseDuration } from '../../../shared/model/config/index.ts';
import type { PeopleState } from '../../../shared/model/operator.ts';
import { EXIT } from '../shared/exit-codes.ts';
import { type OptionShape, UsageError } from './arguments.ts';
import type { ConsoleClient } from './client.ts';
import type { CommandContext } from './command.ts';
import { codeWords, describeGlass, subjectOf, timeOf } from './describe-approval.ts';
import { printable } from './table.ts';

export const WAIT_OPTIONS: OptionShape = {
  wait: {
    value: 'DURATION',
    help: 'where two people are needed: wait so long for the second, such as 10m, then do it',
  },
};

/** One look at the approvals while it waits; in between it says that somebody is still here, milliseconds. */
const LOOK_MS = 30_000;

/** What became of asking a second person: `code` null means that it may be executed now. */
export interface Asked {
  readonly code: number | null;
  readonly why: string | null;
  readonly item: ApprovalItem | null;
}

/** How long --wait says, milliseconds; null without it. Throws a usage error for what is no duration. */
export function waitMsOf({ args }: CommandContext): number | null {
  const text = args.text('wait');
  if (text === undefined) return null;
  const ms = parseDuration(text);
  if (ms === null) throw new UsageError(`--wait takes a duration such as 10m: not «${text}»`);
  return ms;
}

/**
 * Asks a second person where policy wants one (D1), and says how that person answers; waits for it with --wait. Nothing
 * is asked while this person has broken the glass: that is said loudly instead (D3).
 */
export async function askSecondPerson(
  client: ConsoleClient,
  context: CommandContext,
  people: PeopleState,
  demand: PolicyDemand,
  what: { readonly subject: ApprovalSubject; readonly environment: string },
): Promise<Asked> {
  // Without operators nobody could approve: the back end refuses it, in its own words.
  if (demand.people < 2 || !people.enforced) return { code: null, why: null, item: null };
  const { glass } = await client.snapshot('approvals.watch', {});
  const { device } = await client.snapshot('console.watch', {});
  const open = glass.find(
    ({ glass: one, state }) =>
      state === 'open' &&
      one.environment === what.environment &&
      one.operator === people.me?.operator &&
      one.device === device,
  );
  if (open !== undefined) {
    context.out.warn(describeGlass(open));
    return { code: null, why: null, item: null };
  }
  const waitMs = waitMsOf(context);
  const item = await client.call('approvals.request', { subject: what.subject });
  tell(context, item, waitMs);
  if (item.state === 'approved') return { code: null, why: null, item };
  if (waitMs === null) return { code: EXIT.refused, why: 'waits for a second person', item };
  return waitFor(client, item, waitMs);
}

function tell({ args, out }: CommandContext, item: ApprovalItem, waitMs: number | null): void {
  const { checkCode, request } = item;
  const short = `request ${request.body.id} waits for a second person: check code ${checkCode}, until ${timeOf(request.body.expiresAtMs)}`;
  if (args.has('json')) {
    out.warn(short);
    return;
  }
  out.say(
    [
      `Policy asks for two people: ${subjectOf(item)} waits until ${timeOf(request.body.expiresAtMs)}`,
      `  request:    ${request.body.id}`,
      `  check code: ${codeWords(checkCode)}`,
      `  the second person, on any console of the team: Approvals in the page, or scram approve ${checkCode}`,
      `  without a network: scram bundle export ${checkCode}, and pass the text on; the answer comes in with scram bundle import`,
      waitMs === null
        ? `  once approved: scram pending --execute ${checkCode}`
        : `  waiting; once approved it is executed here`,
    ].join('\n'),
  );
}

async function waitFor(client: ConsoleClient, asked: ApprovalItem, waitMs: number): Promise<Asked> {
  // Whoever approves at this machine does so by a command of their own, over this console's socket.
  await client.serveOthers();
  const untilMs = Date.now() + waitMs;
  let item: ApprovalItem = asked;
  while (item.state === 'waiting' && Date.now() < untilMs) {
    const state = await client.watch(
      'approvals.watch',
      {},
      ({ items }) => items.find(({ request }) => request.hash === asked.request.hash)?.state !== 'waiting',
      Math.min(LOOK_MS, Math.max(1, untilMs - Date.now())),
    );
    item = state.items.find(({ request }) => request.hash === asked.request.hash) ?? item;
    // Somebody waits at this terminal: the session is in use.
    if (item.state === 'waiting') await client.call('people.touch', {});
  }
  const code = codeOf(item.state);
  const why = item.state === 'waiting' ? 'nobody has decided in time' : item.why;
  return { code, why: code === null ? null : printable(why ?? item.state), item };
}

/** Refused: 3. Dead, because something moved or time ran out: 4 (D11). Null: approved. */
function codeOf(state: ApprovalState): number | null {
  if (state === 'approved') return null;
  return state === 'waiting' || state === 'refused' || state === 'withdrawn' ? EXIT.refused : EXIT.conflict;
}

/** What a script gets of a request; nothing where there is none. */
export interface ApprovalJson {
  readonly approval?: {
    readonly id: string;
    readonly request: string;
    readonly checkCode: string;
    readonly state: ApprovalState;
    readonly expiresAtMs: number;
  };
}

export function approvalJson(item: ApprovalItem | null): ApprovalJson {
  if (item === null) return {};
  const { id, expiresAtMs } = item.request.body;
  return { approval: { id, request: item.request.hash, checkCode: item.checkCode, state: item.state, expiresAtMs } };
}
