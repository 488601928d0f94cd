import { EXIT } from '../../shared/exit-codes.ts';
import type { ApprovalsState } from '../../../../shared/model/approval.ts';
import type { PeopleState } from '../../../../shared/model/operator.ts';
import type { VaultState } from '../../../../shared/model/vault.ts';
import type { Command } from '../command.ts';
import { describeGlass, subjectOf } from '../describe-approval.ts';
import { printable, table } from '../table.ts';
import { PERSON_OPTIONS, unlockIfGiven } from '../unlock.ts';
import { teamLine, teamState } from './team.ts';

const age = (nowMs: number, atMs: number | null) =>
  atMs === null ? 'never' : `${Math.max(0, Math.round((nowMs - atMs) / 1000))} s ago`;

function whoLine({ enforced, me, unlockable, roster, practicePassphrase }: PeopleState): string {
  if (!enforced) return 'people: scram.yaml names no operators, so whoever started the console may do everything';
  const who = me === null ? 'locked' : `unlocked by ${printable(me.name)} (${me.roles.join(', ')})`;
  const can = unlockable.map(({ operator }) => operator).join(', ') || 'nobody';
  const version = roster.version === 0 ? 'no roster signed yet' : `roster version ${roster.version}`;
  const said = practicePassphrase === null ? version : `practice people, passphrase «${practicePassphrase}»`;
  return `people: ${who}; ${can} can unlock it; ${said}`;
}

function vaultLine({ exists, open, credentials, sealed, missing, problems }: VaultState): string {
  if (!exists) return missing.length === 0 ? 'vault: none' : `vault: none; missing: ${missing.join(', ')}`;
  const state = `vault: ${open ? 'open' : 'locked'}, ${credentials.length} credentials, ${sealed.length} sealed`;
  const wrong = [...(missing.length === 0 ? [] : [`missing: ${missing.join(', ')}`]), ...problems.map(printable)];
  return [state, ...wrong].join('; ');
}

function approvalsLine({ items }: ApprovalsState): string {
  const open = items.filter(({ state }) => state === 'waiting' || state === 'approved');
  if (open.length === 0) return 'approvals: nothing waits';
  const words = open.map((item) => `${item.checkCode} ${subjectOf(item)} (${item.state})`);
  return `approvals: ${words.join(', ')}`;
}

export const status: Command = {
  name: 'status',
  usage: 'scram status',
  summary: 'connections, configuration, people, vault, approvals, team store, ledger head',
  options: PERSON_OPTIONS,
  async run(context) {
    const { out } = context;
    const client = await context.connect();
    await unlockIfGiven(client, context);
    const state = await client.watch(
      'console.watch',
      {},
      (value) => value.connections.every((connection) => connection.state !== 'not-ready'),
      10_000,
    );
    const people = await client.snapshot('people.watch', {});
    const vault = await client.snapshot('vault.watch', {});
    const approvals = await client.snapshot('approvals.watch', {});
    const team = await teamState(client);
    out.json({ ...state, people, vault, approvals, team });
    out.say(
      `${state.product.name} ${state.product.version}, ${client.mode === 'attached' ? 'running console' : 'no console running'}`,
    );
    out.say(
      state.config.mode === 'sandbox'
        ? 'configuration: none, practice sandbox'
        : `configuration: ${state.config.path}, ${state.config.problems.length} problems`,
    );
    out.say(`environments: ${state.environments.map((item) => item.name).join(', ')}`);
    out.say(
      table(
        ['CONNECTION', 'KIND', 'STATE', 'READ', 'ITEMS', 'ENVIRONMENTS', 'PROBLEM'],
        state.connections.map((item) => [
          item.id,
          item.kind,
          item.fromCache ? `${item.state} (cache)` : item.state,
          age(state.nowMs, item.lastReadAtMs),
          String(item.items),
          printable(item.environments.map(({ name, theirs }) => `${name}: ${theirs}`).join(', ')),
          printable(item.problem ?? '').slice(0, 200),
        ]),
      ),
    );
    out.say(whoLine(people));
    out.say(vaultLine(vault));
    out.say(approvalsLine(approvals));
    for (const item of approvals.glass) if (item.state !== 'reviewed') out.say(describeGlass(item));
    out.say(teamLine(team));
    if (team.quarantined.length > 0) out.warn(`${team.quarantined.length} entries in quarantine: see scram team`);
    out.say(`ledger: ${state.ledger.entries} entries, ${state.ledger.verified}, device ${state.ledger.device}`);
    return EXIT.done;
  },
};
