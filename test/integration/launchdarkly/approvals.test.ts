import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FlagProvider, PlannedWrite, ProviderFlag } from '../../../electron/services/flags/provider.ts';
import { waitFor } from '../../support/processes.ts';
import { type TempFolder, tempFolder } from '../../support/temp.ts';
import { openPipeline } from '../changes/pipeline.ts';
import { never, providerOf, served } from './fixture.ts';
import { standardFlags } from './flags.ts';
import { Refusal } from './patch.ts';
import { type LdServer, startLaunchDarkly, TOKENS } from './server.ts';

let server: LdServer;
let provider: FlagProvider;

beforeEach(async () => {
  server = await startLaunchDarkly(standardFlags());
  server.approvals.set('production', { required: true, requiredApprovalTags: [] });
  provider = providerOf(server.url);
});
afterEach(async () => {
  provider.dispose();
  await server.stop();
});

const DESCRIPTION = 'Scram: kill enable_plain in production (change 0123456789abcdef)';

function requestFor(flag: ProviderFlag, { write }: PlannedWrite, description = DESCRIPTION) {
  const { key, state } = flag;
  return { key, environment: 'production', expectRevision: state.revision, write, comment: 'INC-7', description };
}

async function ask(key: string, plan: (flag: ProviderFlag) => PlannedWrite = (flag) => provider.planKill(flag)) {
  const flag = await provider.readFlag(key, 'production', never);
  const asked = await provider.requestApproval!(requestFor(flag, plan(flag)), never);
  const follow = () => provider.followApproval!(asked.id, 'production', never);
  return { flag, asked, follow };
}

describe('B2: approval requests of LaunchDarkly', () => {
  it('are made of instructions, with reason and name of the change, and link to the flag', async () => {
    const { asked, follow } = await ask('enable_plain');
    expect(server.requests.all).toEqual([
      expect.objectContaining({
        flag: 'enable_plain',
        environment: 'production',
        description: DESCRIPTION,
        comment: 'INC-7',
        instructions: [{ kind: 'turnFlagOff' }],
      }),
    ]);
    expect(asked.url).toBe(`${server.url}/default/production/features/enable_plain`);
    expect(await follow()).toEqual({ status: 'waiting', detail: null });
    expect(served(server, 'enable_plain', ['a'])).toEqual(['true']);
  });

  it('are made once: asked for again after an answer that was lost, the same one is found', async () => {
    server.requests.afterCreate = () => {
      server.requests.afterCreate = null;
      throw new Refusal(503, 'unavailable', 'try again');
    };
    await expect(ask('enable_plain')).rejects.toMatchObject({ code: 'provider' });
    const { asked } = await ask('enable_plain');
    const again = await ask('enable_plain');
    expect(server.requests.all).toHaveLength(1);
    expect(again.asked).toEqual(asked);
  });

  it('are followed from approval to what was applied', async () => {
    const { asked, follow } = await ask('enable_plain');
    server.requests.review(asked.id, 'comment', 'looking');
    expect(await follow()).toEqual({ status: 'waiting', detail: null });
    server.requests.review(asked.id, 'approve', 'fine');
    expect(await follow()).toEqual({ status: 'approved', detail: null });
    await provider.applyApproval!(asked.id, 'production', never);
    expect(await follow()).toEqual({ status: 'applied', detail: 'fine' });
    expect(served(server, 'enable_plain', ['a'])).toEqual(['false']);
    expect((await provider.readFlag('enable_plain', 'production', never)).state.killed).toBe(true);
  });

  it('say why they came to nothing: declined, deleted, failed, scheduled', async () => {
    const { asked, follow } = await ask('enable_plain');
    server.requests.review(asked.id, 'decline', 'not during the sale');
    expect(await follow()).toEqual({ status: 'refused', detail: 'not during the sale' });
    server.requests.remove(asked.id);
    expect(await follow()).toEqual({ status: 'refused', detail: 'the approval request was deleted in LaunchDarkly' });

    const bad = await ask('enable_rollout');
    server.requests.review(bad.asked.id, 'approve');
    const [request] = server.requests.all;
    request!.instructions = [{ kind: 'updateOffVariation', variationId: 'gone' }];
    await provider.applyApproval!(bad.asked.id, 'production', never);
    expect(await bad.follow()).toMatchObject({ status: 'failed', detail: expect.stringContaining('conflicts') });
    request!.status = 'scheduled';
    expect(await bad.follow()).toEqual({ status: 'waiting', detail: 'scheduled in LaunchDarkly' });
  });

  it('are refused for what no instruction says, and not made for a flag that moved', async () => {
    const rules = await provider.readFlag('enable_plain', 'production', never);
    server.approvals.clear();
    server.edit('enable_plain', 'production', (config) => {
      config.targets = [{ values: ['ann'], variation: 1, contextKind: 'user' }];
    });
    await expect(ask('enable_plain', (flag) => provider.planRestore(flag, rules))).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('cannot be said'),
    });
    await expect(provider.requestApproval!(requestFor(rules, provider.planKill(rules)), never)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(server.requests.all).toEqual([]);
  });

  it('are not made by a token that may not write, which says what it lacks', async () => {
    const reader = providerOf(server.url, {}, { secrets: { LD_TOKEN: TOKENS.reader } });
    const flag = await reader.readFlag('enable_plain', 'production', never);
    await expect(reader.requestApproval!(requestFor(flag, reader.planKill(flag)), never)).rejects.toMatchObject({
      code: 'credential',
      message: expect.stringContaining('createApprovalRequest'),
    });
    reader.dispose();
  });
});

describe('B2: a kill where LaunchDarkly demands an approval', () => {
  let folder: TempFolder;
  beforeEach(() => {
    folder = tempFolder('ld-approvals');
  });
  afterEach(() => folder.remove());

  const open = () =>
    openPipeline({
      folder: folder.at('data'),
      provider: providerOf(server.url),
      config: {
        connections: [
          {
            id: 'local',
            kind: 'launchdarkly',
            url: server.url,
            project: 'default',
            environments: { production: 'production' },
            credential: 'env:LD_TOKEN',
          },
        ],
      },
    });

  it('is asked for there, goes on after a restart, is applied once somebody approved it, and is served', async () => {
    const first = await open();
    const kill = await first.proposeKill('enable_plain');
    await expect(first.changes.execute(kill.hash, never, null)).rejects.toMatchObject({ code: 'approval-required' });
    await waitFor(
      'the approval request',
      () => first.changes.progress(kill.hash)?.problem?.includes('/features/') === true,
    );
    expect(first.changes.progress(kill.hash)?.stage).toBe('approval-required');
    expect(served(server, 'enable_plain', ['a'])).toEqual(['true']);
    first.close();

    const [request] = server.requests.all;
    server.requests.review(request!._id, 'approve', 'go');
    const second = await open();
    await second.changes.reconcile(never);
    await waitFor('served', () => second.changes.progress(kill.hash)?.stage === 'served');
    expect(served(server, 'enable_plain', ['a'])).toEqual(['false']);
    expect(server.requests.all).toHaveLength(1);
    expect(second.ledger.verify()).toMatchObject({ verified: 'verified' });

    const undo = await second.changes.preview({ action: 'undo', change: kill.hash }, never);
    expect(undo.payload.after.killed).toBe(false);
    second.close();
  });

  it('ends with the words of whoever declined it, and nothing is written', async () => {
    const console_ = await open();
    const kill = await console_.proposeKill('enable_plain');
    await expect(console_.changes.execute(kill.hash, never, null)).rejects.toMatchObject({ code: 'approval-required' });
    await waitFor('the approval request', () => server.requests.all.length === 1);
    server.requests.review(server.requests.all[0]!._id, 'decline', 'not during the sale');
    await waitFor('known here', () => console_.changes.progress(kill.hash)?.problem?.includes('/features/') === true);
    console_.close();
    const again = await open();
    await again.changes.reconcile(never);
    await waitFor('refused', () => again.changes.progress(kill.hash)?.stage === 'refused');
    expect(again.changes.progress(kill.hash)?.problem).toBe('not during the sale');
    expect(served(server, 'enable_plain', ['a'])).toEqual(['true']);
    again.close();
  });
});
