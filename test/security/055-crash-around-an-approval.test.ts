import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { approveBeside, askForKillOn, kindsOfConsole, recordOfConsole } from '../support/acts.ts';
import { type ConsoleTeam, foundConsoleTeam } from '../support/console-team.ts';
import { HELD_ENV, type HeldFlags, startHeldFlags } from '../support/held-flags.ts';
import type { PageSocket } from '../support/page-socket.ts';
import { waitFor } from '../support/processes.ts';
import { type TempFolder, tempFolder } from '../support/temp.ts';
import type { RunningHost } from '../support/web-host.ts';

const FLAGS = ['before_it_began', 'before_the_write', 'after_the_write', 'in_the_middle'];

let folder: TempFolder;
let flags: HeldFlags;
let team: ConsoleTeam;
let host: RunningHost;
let page: PageSocket;

beforeAll(async () => {
  folder = tempFolder('crash');
  flags = await startHeldFlags(FLAGS);
  team = await foundConsoleTeam(folder.path, {
    founder: 'alex',
    more: flags.yaml,
    env: HELD_ENV,
    people: {
      alex: { roles: ['responder', 'admin'], on: ['desk'] },
      sam: { roles: ['approver'], on: ['desk'] },
    },
  });
  await startAgain();
});
afterEach(() => {
  flags.hold = null;
});
afterAll(async () => {
  page?.close();
  await host?.stop();
  await flags?.stop();
  folder?.remove();
});

async function startAgain(): Promise<void> {
  host = await team.start('desk');
  page = await team.page(host, 'alex');
}

/** Power off: no handler runs, nothing is flushed. */
async function crash(): Promise<void> {
  host.child.kill('SIGKILL');
  await waitFor('the console is gone', () => host.child.signalCode === 'SIGKILL');
  page.close();
}

async function stateOf(request: string): Promise<string | undefined> {
  const { items } = await page.snapshot('approvals.watch', {});
  return items.find((item) => item.request.hash === request)?.state;
}

async function entriesOf(kind: 'change.intent' | 'change.result', hash: string): Promise<number> {
  return (await recordOfConsole(page)).filter((data) => data.kind === kind && data.hash === hash).length;
}

/** The record is whole, and nobody gets anything more out of this approval. */
async function expectSpent(change: string, request: string, flag: string): Promise<void> {
  const before = flags.written(flag);
  const writes = flags.writes.length;
  await Promise.all([page.code('changes.execute', { hash: change }), page.code('changes.execute', { hash: change })]);
  await startAgainOrderly();
  await page.code('changes.execute', { hash: change });
  expect([flags.written(flag), flags.writes.length]).toEqual([before, writes]);
  expect(await entriesOf('change.intent', change)).toBe(1);
  expect(await entriesOf('change.result', change)).toBe(1);
  expect(await stateOf(request)).toBe('used');
  // The same kill again is another change, which nobody has approved.
  const again = await page.error('changes.preview', {
    action: 'kill',
    connection: 'local',
    flag,
    environment: 'production',
  });
  expect(again === null).toBe(before === 0);
  if (again === null) {
    const next = await askForKillOn(page, flag);
    expect(await page.code('changes.execute', { hash: next.change })).toBe('approval-required');
    expect(next.request).not.toBe(request);
  }
  expect(await page.call('ledger.verify', {})).toMatchObject({ verified: 'verified', problem: null });
}

async function startAgainOrderly(): Promise<void> {
  page.close();
  await host.stop();
  await startAgain();
}

/** Executes it and crashes as soon as the flag service has the write. */
async function crashInWrite(change: string): Promise<void> {
  const begun = flags.writes.length;
  const executing = page.code('changes.execute', { hash: change }).catch(() => 'lost');
  await waitFor('the write has come', () => flags.writes.length > begun);
  await crash();
  flags.hold = null;
  void executing;
}

const settled = (change: string) =>
  waitFor('what became of it is looked up', async () => (await entriesOf('change.result', change)) > 0, {
    deadlineMs: 30_000,
  });

describe('055 D1, B7: a console that dies', () => {
  it('between approval and execution: the approval is still there, and is used once', async () => {
    const { change, request } = await askForKillOn(page, 'before_it_began');
    await approveBeside(page, request, 'sam');
    await crash();
    expect(flags.written('before_it_began')).toBe(0);
    await startAgain();
    expect(await stateOf(request)).toBe('approved');
    expect(await kindsOfConsole(page)).not.toContain('change.intent');
    await page.call('changes.execute', { hash: change });
    expect(flags.written('before_it_began')).toBe(1);
    await expectSpent(change, request, 'before_it_began');
  });

  it('between intent and write: nothing was changed, which is found and told; the approval is spent', async () => {
    const { change, request } = await askForKillOn(page, 'before_the_write');
    await approveBeside(page, request, 'sam');
    flags.hold = 'before';
    await crashInWrite(change);
    await startAgain();
    await settled(change);
    expect(flags.written('before_the_write')).toBe(0);
    await expectSpent(change, request, 'before_the_write');
  });

  it('between write and result: it is found to be done, and not done again; the approval is spent', async () => {
    const { change, request } = await askForKillOn(page, 'after_the_write');
    await approveBeside(page, request, 'sam');
    flags.hold = 'after';
    await crashInWrite(change);
    await startAgain();
    await settled(change);
    expect(flags.written('after_the_write')).toBe(1);
    const { items } = await page.snapshot('approvals.watch', {});
    expect(items.find((item) => item.request.hash === request)).toMatchObject({ state: 'used' });
    const progress = await page.snapshot('changes.watch', { hash: change });
    expect(progress.propagation.acceptedAtMs).not.toBeNull();
    await expectSpent(change, request, 'after_the_write');
  });

  it('while the second person decides: decided or not, never half, and never executed by it', async () => {
    const { change, request } = await askForKillOn(page, 'in_the_middle');
    const deciding = approveBeside(page, request, 'sam').catch(() => undefined);
    await crash();
    void deciding;
    await startAgain();
    const state = await stateOf(request);
    expect(['waiting', 'approved']).toContain(state);
    if (state === 'waiting') {
      expect(await page.code('changes.execute', { hash: change })).toBe('approval-required');
      await approveBeside(page, request, 'sam');
    }
    expect(flags.written('in_the_middle')).toBe(0);
    await page.call('changes.execute', { hash: change });
    expect(flags.written('in_the_middle')).toBe(1);
    await expectSpent(change, request, 'in_the_middle');
  });
});
