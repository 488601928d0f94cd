import type { EntryData } from '../../shared/model/entry.ts';
import { passphraseOf } from './console-team.ts';
import type { PageSocket } from './page-socket.ts';

/** Everything that a console's record holds, oldest first. */
export async function recordOfConsole(page: PageSocket): Promise<EntryData[]> {
  const { entries } = await page.call('ledger.timeline', { offset: 0, limit: 500 });
  return entries.map(({ body }) => body.data).reverse();
}

export async function kindsOfConsole(page: PageSocket): Promise<string[]> {
  return (await recordOfConsole(page)).map(({ kind }) => kind);
}

/** Previews and proposes a kill as the person of the page. */
export async function proposeKillOn(page: PageSocket, flag: string, connection = 'local'): Promise<string> {
  const kill = { action: 'kill', connection, flag, environment: 'production' } as const;
  const { hash: preview } = await page.call('changes.preview', kill);
  return (await page.call('changes.propose', { preview, rationale: 'p99 tripled' })).hash;
}

/** The same, and asked for: the hashes of the change and of the request. */
export async function askForKillOn(
  page: PageSocket,
  flag: string,
  connection = 'local',
): Promise<{ change: string; request: string }> {
  const change = await proposeKillOn(page, flag, connection);
  const { request } = await page.call('approvals.request', { subject: { kind: 'change', hash: change } });
  return { change, request: request.hash };
}

/** Approves a request as a second person at the page's desk. */
export async function approveBeside(page: PageSocket, request: string, operator: string): Promise<void> {
  const decision = { request, decision: 'approve', reason: 'seen' } as const;
  await page.call('approvals.decideBeside', { ...decision, operator, passphrase: passphraseOf(operator) });
}
