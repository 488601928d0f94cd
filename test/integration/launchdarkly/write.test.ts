import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FlagProvider, PlannedWrite, ProviderFlag } from '../../../electron/services/flags/provider.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { never, providerOf, served } from './fixture.ts';
import { standardFlags } from './flags.ts';
import { type LdServer, startLaunchDarkly, TOKENS } from './server.ts';

let server: LdServer;
let provider: FlagProvider;

beforeEach(async () => {
  server = await startLaunchDarkly(standardFlags());
  provider = providerOf(server.url);
});
afterEach(async () => {
  provider.dispose();
  await server.stop();
});

const on = (key: string) => server.flags.get(key)?.environments.production?.on;
const patches = () => server.seen.filter(({ method }) => method === 'PATCH');

async function kill(key: string, by = provider): Promise<ScramError | null> {
  const flag = await by.readFlag(key, 'production', never);
  const { write } = by.planKill(flag);
  const { revision } = flag.state;
  const request = { key, environment: 'production', expectRevision: revision, write, comment: 'INC-7: checkout' };
  try {
    await by.apply(request, never);
    return null;
  } catch (error) {
    if (error instanceof ScramError) return error;
    throw error;
  }
}

const apply = (flag: ProviderFlag, { write }: PlannedWrite) =>
  provider.apply(
    { key: flag.key, environment: 'production', expectRevision: flag.state.revision, write, comment: 'c' },
    never,
  );

describe('B2: the write and its precondition', () => {
  it('is a JSON patch that tests the version of the environment, with the reason beside it', async () => {
    expect(await kill('enable_plain')).toBeNull();
    expect(patches()).toHaveLength(1);
    expect(patches()[0]?.body).toEqual({
      comment: 'INC-7: checkout',
      patch: [
        { op: 'test', path: '/environments/production/version', value: 1 },
        { op: 'replace', path: '/environments/production/on', value: false },
      ],
    });
  });

  it.each([400, 409, 422])(
    'a change that comes in between is a conflict, whatever a failed test answers: %i',
    async (status) => {
      server.testFails = status;
      server.beforePatch = () => {
        server.beforePatch = null;
        server.edit('enable_plain', 'production', (config) => {
          config.fallthrough = { variation: 1 };
        });
      };
      expect(await kill('enable_plain')).toMatchObject({ code: 'conflict' });
      expect(on('enable_plain')).toBe(true);
      expect(patches()).toHaveLength(1);
    },
  );

  it('is not done when the variations are others by now: the index would serve another value', async () => {
    const flag = await provider.readFlag('enable_plain', 'production', never);
    const plan = provider.planKill(flag);
    // A flag's variations are the same in every environment, and no environment's version tells of them.
    server.flags.get('enable_plain')!.variations.reverse();
    await expect(apply(flag, plan)).rejects.toMatchObject({ code: 'conflict' });
    expect(patches()).toHaveLength(0);
  });

  it('has the same revision whatever the order of the members of its objects: a ledger sorts them', async () => {
    const flag = await provider.readFlag('enable_rollout', 'production', never);
    const sorted = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(sorted)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .sort(([a], [b]) => (a < b ? 1 : -1))
                .map(([name, one]) => [name, sorted(one)]),
            )
          : value;
    const half = provider.planRollout!(flag, 50);
    const plan = provider.planRestore(
      { ...flag, state: half.after, definition: half.definitionAfter },
      { definition: JSON.parse(JSON.stringify(sorted(flag.definition))), state: flag.state },
    );
    expect(plan.after.revision).toBe(flag.state.revision);
  });

  it.each([400, 409, 422])('what moves the version and nothing that is served is no conflict: %i', async (status) => {
    server.testFails = status;
    server.beforePatch = () => {
      server.beforePatch = null;
      server.edit('enable_plain', 'production', (config) => {
        config.trackEvents = true;
      });
    };
    expect(await kill('enable_plain')).toBeNull();
    expect(on('enable_plain')).toBe(false);
    expect(server.flags.get('enable_plain')?.environments.production?.trackEvents).toBe(true);
  });

  it('a change whose JSON patch is not understood is done as a semantic patch, where that can say it', async () => {
    server.refusesJsonPatch = true;
    const before = await provider.readFlag('ops_disable_dep', 'production', never);
    expect(await kill('ops_disable_dep')).toBeNull();
    expect(new Set(served(server, 'ops_disable_dep', ['a', 'b']))).toEqual(new Set(['true']));
    expect(patches().at(-1)?.body).toMatchObject({
      environmentKey: 'production',
      comment: 'INC-7: checkout',
      instructions: [{ kind: 'turnFlagOff' }, { kind: 'updateOffVariation' }],
    });
    const killed = await provider.readFlag('ops_disable_dep', 'production', never);
    await apply(killed, provider.planRestore(killed, before));
    expect((await provider.readFlag('ops_disable_dep', 'production', never)).state).toEqual(before.state);

    const flag = await provider.readFlag('enable_rollout', 'production', never);
    const plan = provider.planRollout!(flag, 5);
    await apply(flag, plan);
    expect((await provider.readFlag('enable_rollout', 'production', never)).state).toEqual(plan.after);

    delete server.flags.get('enable_plain')?.environments.production?.offVariation;
    const bare = await provider.readFlag('enable_plain', 'production', never);
    expect(await kill('enable_plain')).toBeNull();
    const off = await provider.readFlag('enable_plain', 'production', never);
    // No instruction takes an off variation away.
    await expect(apply(off, provider.planRestore(off, bare))).rejects.toMatchObject({ code: 'provider' });
  });

  it('a kill goes before a scheduled change that it breaks; a share does not', async () => {
    server.scheduled.add('enable_plain').add('enable_rollout');
    expect(await kill('enable_plain')).toBeNull();
    expect(patches()[0]?.query.get('ignoreConflicts')).toBe('true');
    const flag = await provider.readFlag('enable_rollout', 'production', never);
    const { write } = provider.planRollout!(flag, 5);
    const request = {
      key: flag.key,
      environment: 'production',
      expectRevision: flag.state.revision,
      comment: 'c',
      write,
    };
    await expect(provider.apply(request, never)).rejects.toMatchObject({
      code: 'provider',
      message: expect.stringContaining('pending scheduled change'),
    });
  });
});

describe('approvals and rights', () => {
  it('an approval that the environment demands is a state of its own, with what to do; other environments go on', async () => {
    server.approvals.set('production', { required: true, requiredApprovalTags: [] });
    const error = await kill('enable_plain');
    expect(error).toMatchObject({ code: 'approval-required', retryable: false });
    expect(error?.message).toMatch(/enable_plain in production.*updateOn/);
    expect(error?.action).toContain('approval request');
    expect(on('enable_plain')).toBe(true);
    expect(patches()).toHaveLength(1);
  });

  it('a probe tells of demanded approvals, of a read-only token, and no SDK key of the answer', async () => {
    server.approvals.set('production', { required: true, requiredApprovalTags: [] });
    const report = await provider.probe(never);
    expect(report).toMatchObject({ ok: false, canRead: true, canWrite: false });
    expect(report.detail).toMatch(/need 1 approvals/);
    expect(JSON.stringify(report)).not.toMatch(/sdk-secret|mob-secret|api-writer-4/);

    server.approvals.set('production', { required: true, requiredApprovalTags: ['critical'] });
    expect(await provider.probe(never)).toMatchObject({ ok: true, canWrite: true });

    const reader = providerOf(server.url, {}, { secrets: { LD_TOKEN: TOKENS.reader } });
    expect(await reader.probe(never)).toMatchObject({ ok: false, canRead: true, canWrite: false });
    const refused = await kill('enable_plain', reader);
    expect(refused).toMatchObject({ code: 'credential', action: 'Give the credential the permission updateOn.' });
    reader.dispose();
  });

  it('E2: an SDK key, a token with Bearer, and a wrong project are told as such, without the token', async () => {
    for (const token of ['sdk-4711-abc', `Bearer ${TOKENS.writer}`]) {
      const other = providerOf(server.url, {}, { secrets: { LD_TOKEN: token } });
      const report = await other.probe(never);
      expect(report).toMatchObject({ ok: false, canRead: false });
      expect(report.detail).toMatch(/not an SDK key/);
      expect(JSON.stringify(report)).not.toContain(token);
      other.dispose();
    }
    const elsewhere = providerOf(server.url, { project: 'nowhere' });
    expect((await elsewhere.probe(never)).detail).toContain('project nowhere');
    elsewhere.dispose();
    const without = providerOf(server.url, { environments: { production: 'prod' } });
    expect(await without.probe(never)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('no environment prod'),
    });
    without.dispose();
  });
});
