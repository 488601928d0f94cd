import { describe, expect, it } from 'vitest';
import type { ApprovalStanding, FlagProvider } from '../../../electron/services/flags/provider.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { KEY, makeWorld, NEVER, settled } from './world.ts';

const NEEDED = new ScramError('approval-required', 'changes here need an approval');
const MINUTE_MS = 60_000;

/** A flag system that writes nothing without an approval of its own. */
function heldWorld(options: Parameters<typeof makeWorld>[0] = {}) {
  const made = makeWorld(options);
  const { ports, world } = made;
  const asked: { description: string; expectRevision: string }[] = [];
  const approvals = {
    asked,
    looks: 0,
    standing: { status: 'waiting', detail: null } as ApprovalStanding,
    /** Called before an approval is made: throw to have none; and after: throw to lose the answer. */
    beforeAsk: async (): Promise<void> => {},
    afterAsk: async (): Promise<void> => {},
    applied: 0,
    apply: async (): Promise<void> => {
      world.percentage = 0;
      approvals.standing = { status: 'applied', detail: null };
    },
  };
  world.beforeApply = () => Promise.reject(NEEDED);
  const provider = ports.flags.connection('local').provider as { -readonly [K in keyof FlagProvider]: FlagProvider[K] };
  provider.capabilities = { ...provider.capabilities, approvals: true };
  provider.requestApproval = async ({ description, expectRevision }) => {
    await approvals.beforeAsk();
    if (!asked.some((one) => one.description === description)) asked.push({ description, expectRevision });
    await approvals.afterAsk();
    return { id: 'a1', url: 'https://flags.example/approvals/a1' };
  };
  provider.followApproval = async () => {
    approvals.looks += 1;
    return approvals.standing;
  };
  provider.applyApproval = async () => {
    approvals.applied += 1;
    await approvals.apply();
  };
  const kill = async () => {
    const change = await made.proposeKill();
    await expect(made.changes.execute(change.hash, NEVER, null)).rejects.toBe(NEEDED);
    await made.clock.advance(0);
    return change;
  };
  return { ...made, approvals, provider, kill, stageOf: (hash: string) => made.changes.progress(hash)?.stage };
}

describe("B2: a provider's own approval", () => {
  it('is asked for where it is demanded, and the change says where it is to be given', async () => {
    const { approvals, changes, kill, entries } = heldWorld();
    const { hash, payload } = await kill();
    expect(approvals.asked).toEqual([
      {
        description: `Scram: kill ${KEY} in production (change ${hash.slice(0, 16)})`,
        expectRevision: payload.before.revision,
      },
    ]);
    expect(entries('change.provider-approval')).toEqual([
      {
        kind: 'change.provider-approval',
        hash,
        id: 'a1',
        url: 'https://flags.example/approvals/a1',
        status: 'waiting',
        detail: null,
      },
    ]);
    expect(changes.progress(hash)).toMatchObject({
      stage: 'approval-required',
      problem: 'an approval was asked for, and waits to be given at https://flags.example/approvals/a1',
    });
  });

  it('is followed, applied once it is given, and the change goes on to what is served', async () => {
    const { approvals, clock, kill, kinds, stageOf, world } = heldWorld();
    const { hash } = await kill();
    await clock.advance(3 * MINUTE_MS);
    expect(approvals.applied).toBe(0);
    expect(world.percentage).toBe(20);
    approvals.standing = { status: 'approved', detail: null };
    await clock.advance(MINUTE_MS);
    expect(approvals.applied).toBe(1);
    expect(stageOf(hash)).toBe('served');
    expect(kinds()).toEqual([
      'change.proposed',
      'change.intent',
      'change.result',
      'change.provider-approval',
      'change.provider-approval',
      'change.result',
      'change.served',
    ]);
    const { looks } = approvals;
    await clock.advance(5 * MINUTE_MS);
    expect(approvals.looks).toBe(looks);
    expect(approvals.applied).toBe(1);
  });

  it('is looked at each ten seconds while somebody watches, and each minute while nobody does', async () => {
    const { approvals, changes, clock, kill } = heldWorld();
    await kill();
    await clock.advance(MINUTE_MS);
    expect(approvals.looks).toBe(1);
    const watching = changes.onProgress(() => {});
    await clock.advance(MINUTE_MS);
    approvals.looks = 0;
    await clock.advance(MINUTE_MS);
    expect(approvals.looks).toBe(6);
    watching.dispose();
  });

  it('that is applied there by itself is only followed', async () => {
    const { approvals, clock, kill, provider, stageOf, world } = heldWorld();
    delete provider.applyApproval;
    const { hash } = await kill();
    approvals.standing = { status: 'approved', detail: 'by robin' };
    await clock.advance(MINUTE_MS);
    expect(stageOf(hash)).toBe('approval-required');
    world.percentage = 0;
    approvals.standing = { status: 'applied', detail: null };
    await clock.advance(MINUTE_MS);
    expect(stageOf(hash)).toBe('served');
  });

  it.each([
    ['refused', 'not during the sale'],
    ['failed', 'conflicts with another change'],
  ] as const)("that is %s ends the change, with the provider's words", async (status, detail) => {
    const { approvals, changes, clock, kill, world } = heldWorld();
    const { hash } = await kill();
    approvals.standing = { status, detail };
    await clock.advance(MINUTE_MS);
    expect(changes.progress(hash)).toMatchObject({ stage: status, problem: detail });
    expect(world.percentage).toBe(20);
    expect(approvals.applied).toBe(0);
  });

  it('D2: is not applied outside the windows of policy, and is once one is open', async () => {
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    const windows = [{ days, from: '22:00', to: '22:20', timeZone: 'UTC' }];
    const { approvals, changes, clock, kill, stageOf } = heldWorld({
      config: { policy: { production: { kill: { windows } } } },
    });
    const { hash } = await kill();
    await clock.advance(10 * MINUTE_MS);
    approvals.standing = { status: 'approved', detail: null };
    await clock.advance(2 * MINUTE_MS);
    expect(approvals.applied).toBe(0);
    expect(changes.progress(hash)).toMatchObject({
      stage: 'approval-required',
      problem: expect.stringContaining('takes features away only every day 22:00 to 22:20 UTC'),
    });
    await clock.advance(24 * 60 * MINUTE_MS - 10 * MINUTE_MS);
    expect(stageOf(hash)).toBe('served');
  });

  it('D11: is not applied when the flag has moved since it was asked for', async () => {
    const { approvals, changes, clock, kill, world } = heldWorld();
    const { hash } = await kill();
    world.percentage = 50;
    approvals.standing = { status: 'approved', detail: null };
    await clock.advance(MINUTE_MS);
    expect(approvals.applied).toBe(0);
    expect(changes.progress(hash)).toMatchObject({
      stage: 'conflict',
      problem: expect.stringContaining('changed after'),
    });
    expect(world.percentage).toBe(50);
  });

  it('that cannot be applied for now says why, once, and is tried again', async () => {
    const { approvals, changes, clock, kill, entries, stageOf } = heldWorld();
    const { hash } = await kill();
    const { apply } = approvals;
    approvals.apply = () => Promise.reject(new ScramError('credential', 'the token may not apply it'));
    approvals.standing = { status: 'approved', detail: null };
    await clock.advance(3 * MINUTE_MS);
    expect(changes.progress(hash)?.problem).toContain('(the token may not apply it)');
    expect(entries('change.provider-approval').map(({ status }) => status)).toEqual(['waiting', 'approved']);
    approvals.apply = apply;
    await clock.advance(MINUTE_MS);
    expect(stageOf(hash)).toBe('served');
  });

  it('that cannot be asked for says so, and is to be opened there', async () => {
    const { approvals, changes, clock, kill } = heldWorld();
    let tries = 0;
    approvals.beforeAsk = () => {
      tries += 1;
      return Promise.reject(new ScramError('refused', 'not in instructions'));
    };
    const { hash } = await kill();
    await clock.advance(10 * MINUTE_MS);
    expect(tries).toBe(1);
    expect(changes.progress(hash)).toMatchObject({
      stage: 'approval-required',
      problem: expect.stringMatching(/none could be asked for from here \(not in instructions\)/),
    });
  });

  it('D11: is not asked for when the flag has moved by then', async () => {
    const { approvals, changes, kill } = heldWorld();
    approvals.beforeAsk = () => Promise.reject(new ScramError('conflict', 'it moved'));
    const { hash } = await kill();
    expect(changes.progress(hash)).toMatchObject({ stage: 'conflict', problem: 'it moved' });
  });

  it('is made once, though the answer is lost and asked for again', async () => {
    const { approvals, clock, kill, entries } = heldWorld();
    let lost = 0;
    approvals.afterAsk = async () => {
      lost += 1;
      if (lost < 3) throw new ScramError('timeout', 'no answer');
    };
    await kill();
    await clock.advance(3 * MINUTE_MS);
    expect(lost).toBe(3);
    expect(approvals.asked).toHaveLength(1);
    expect(entries('change.provider-approval')).toHaveLength(1);
  });

  it('D6: is followed on after a restart, and asked for only where nothing came of the asking', async () => {
    const { approvals, changes, clock, kill, restart, entries } = heldWorld();
    const { hash } = await kill();
    changes.dispose();
    const second = restart();
    await second.reconcile(NEVER);
    await clock.advance(MINUTE_MS);
    expect(approvals.asked).toHaveLength(1);
    expect(approvals.looks).toBe(2);
    approvals.standing = { status: 'approved', detail: null };
    await clock.advance(MINUTE_MS);
    expect(second.progress(hash)?.stage).toBe('served');
    expect(entries('change.provider-approval').map(({ status }) => status)).toEqual(['waiting', 'applied']);
    second.dispose();
  });

  it('of an old change that was never asked for is not asked for by a later run', async () => {
    const { approvals, changes, clock, kill, restart } = heldWorld();
    approvals.beforeAsk = () => Promise.reject(new ScramError('unreachable', 'no answer'));
    const { hash } = await kill();
    changes.dispose();
    approvals.beforeAsk = async () => {};
    await clock.advance(20 * MINUTE_MS);
    const second = restart();
    await second.reconcile(NEVER);
    await clock.advance(10 * MINUTE_MS);
    expect(approvals.asked).toEqual([]);
    expect(second.progress(hash)?.stage).toBe('approval-required');
    second.dispose();
  });

  it('is not asked for by two services over one ledger at once, as when the configuration is read again', async () => {
    const { approvals, changes, clock, proposeKill, restart } = heldWorld();
    const gate = Promise.withResolvers<void>();
    let asking = 0;
    approvals.beforeAsk = () => {
      asking += 1;
      return gate.promise;
    };
    const change = await proposeKill();
    await expect(changes.execute(change.hash, NEVER, null)).rejects.toBe(NEEDED);
    await clock.advance(0);
    changes.dispose();
    const second = restart();
    await second.reconcile(NEVER);
    await clock.advance(1_000);
    expect(asking).toBe(1);
    gate.resolve();
    await settled();
    await clock.advance(MINUTE_MS);
    expect(second.progress(change.hash)?.problem).toContain('https://flags.example/approvals/a1');
    expect(approvals.asked).toHaveLength(1);
    second.dispose();
  });

  it('is not asked for where the provider has none to ask for', async () => {
    const { approvals, changes, clock, proposeKill, provider } = heldWorld();
    provider.capabilities = { ...provider.capabilities, approvals: false };
    const change = await proposeKill();
    await expect(changes.execute(change.hash, NEVER, null)).rejects.toBe(NEEDED);
    await clock.advance(5 * MINUTE_MS);
    expect(approvals.asked).toEqual([]);
    expect(changes.progress(change.hash)?.problem).toBe(NEEDED.message);
  });
});
