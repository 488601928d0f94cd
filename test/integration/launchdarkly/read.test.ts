import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { never, providerOf } from './fixture.ts';
import { newFlag, standardFlags } from './flags.ts';
import { type LdServer, startLaunchDarkly } from './server.ts';

const FIVE = { production: 'production', staging: 'test', eu: 'eu', us: 'us', lab: 'lab' };

let server: LdServer;
let provider: FlagProvider;

beforeEach(async () => {
  server = await startLaunchDarkly(standardFlags());
  provider = providerOf(server.url, { environments: FIVE });
});
afterEach(async () => {
  provider.dispose();
  await server.stop();
});

const seed = (count: number) => {
  for (let index = 0; index < count; index += 1) {
    const flag = newFlag(`enable_${index}`);
    server.flags.set(flag.key, flag);
  }
};
const readAll = () => Promise.all(provider.environments.map((name) => provider.readEnvironment(name, never)));

describe('lists', () => {
  it('H4: five environments are read together, three to a request, and each gets its own', async () => {
    seed(296);
    server.edit('enable_plain', 'eu', (config) => {
      config.on = false;
    });
    server.seen.length = 0;
    const reads = await readAll();
    expect(server.seen).toHaveLength(6);
    for (const { query } of server.seen) expect(query.getAll('env').length).toBeLessThanOrEqual(3);
    for (const { flags } of reads) expect(flags).toHaveLength(300);
    const plain = reads.map(({ flags }) => flags.find(({ key }) => key === 'enable_plain')?.state.killed);
    expect(plain).toEqual([false, false, true, false, false]);
    expect(reads[1]?.flags[0]).toMatchObject({ environment: 'staging', providerEnvironment: 'test' });
  });

  it('B4: reads many flags past its own memory by the list, when that takes fewer requests', async () => {
    seed(296);
    await provider.readEnvironment('production', never);
    server.edit('enable_7', 'production', (config) => {
      config.on = false;
    });
    server.flags.delete('enable_8');
    server.seen.length = 0;
    const keys = Array.from({ length: 200 }, (_, index) => `enable_${index}`);
    const found = await provider.readFlags!(keys, 'production', never);
    expect(server.seen).toHaveLength(3);
    expect(found.size).toBe(199);
    expect(found.get('enable_7')?.state.killed).toBe(true);
    server.seen.length = 0;
    await provider.readFlags!(['enable_1', 'enable_2'], 'production', never);
    expect(server.seen.map(({ path }) => path.split('/').at(-1)).toSorted()).toEqual(['enable_1', 'enable_2']);
  });

  it('one that nobody waits for any more does not stop the others', async () => {
    const gone = new AbortController();
    const first = provider.readEnvironment('production', gone.signal);
    const second = provider.readEnvironment('staging', never);
    gone.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect((await second).flags).toHaveLength(4);
  });

  it('waits for the end of a spent limit by its reset, and reads on', async () => {
    seed(596);
    server.routeLimit = { most: 3, windowMs: 400 };
    const { flags } = await provider.readEnvironment('production', never);
    expect(flags).toHaveLength(600);
  });

  it('429 without Retry-After is told with the time of X-Ratelimit-Reset, epoch milliseconds', async () => {
    server.routeLimit = { most: 1, windowMs: 60_000 };
    await provider.readFlag('enable_plain', 'production', never);
    const error = await provider.readFlag('enable_plain', 'production', never).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'rate-limited', retryable: true });
    const { retryAfterMs } = error as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(50_000);
    // The service's clock is told in whole seconds.
    expect(retryAfterMs).toBeLessThanOrEqual(61_000);
  });

  it('a list whose pages do not fit together is read again, and never given by half', async () => {
    seed(150);
    let moved = 0;
    server.onRequest = (query) => {
      // The first flag is gone while the second page is asked for: another one slips from it to the first.
      if (query.get('offset') !== '100' || moved > 0) return;
      moved += 1;
      server.flags.delete('enable_0');
    };
    const { flags } = await provider.readEnvironment('production', never);
    expect(moved).toBe(1);
    expect(new Set(flags.map(({ key }) => key)).size).toBe(153);
    expect(server.seen.filter(({ query }) => query.get('offset') === '100')).toHaveLength(2);

    server.onRequest = (query) => {
      if (query.get('offset') === '0') server.flags.set('layout', newFlag('layout'));
      else server.flags.delete('layout');
    };
    await expect(provider.readEnvironment('production', never)).rejects.toMatchObject({ code: 'provider' });
  });

  it('reads on where the pages are smaller than asked for', async () => {
    seed(96);
    server.pageCap = 30;
    const { flags } = await provider.readEnvironment('production', never);
    expect(flags).toHaveLength(100);
  });

  it('leaves archived flags out, and says of one that it is archived', async () => {
    server.flags.get('enable_plain')!.archived = true;
    const { flags } = await provider.readEnvironment('production', never);
    expect(flags.map(({ key }) => key)).not.toContain('enable_plain');
    const error = await provider.readFlag('enable_plain', 'production', never).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'not-found', message: expect.stringContaining('archived') });
  });

  it('shows names of variations, tags, owner and time as LaunchDarkly has them', async () => {
    const flag = newFlag('search', { fallthrough: { variation: 1 } }, ['v1', 'v2', 'v2']);
    Object.assign(flag, { tags: ['ops', 'search'], description: 'Which search', deprecated: true });
    flag.variations[0]!.name = 'Old';
    server.flags.set('search', flag);
    expect(await provider.readFlag('search', 'production', never)).toMatchObject({
      variants: [
        { name: 'Old', value: 'v1' },
        { name: 'v2', value: 'v2' },
        { name: 'v2 (2)', value: 'v2' },
      ],
      description: 'Which search',
      owner: 'sandy@acme.example',
      type: 'ops',
      tags: ['ops', 'search'],
      stale: true,
      changedAtMs: flag.environments.production!.lastModified,
      state: { serves: 'v2', exposure: 'unknown' },
    });
  });
});

describe('changes and audit', () => {
  it('H4: an idle look costs one small request for all five environments', async () => {
    const reads = await readAll();
    server.seen.length = 0;
    const looks = await Promise.all(
      reads.map(({ environment, mark }) => provider.readChanges!(environment, mark ?? '', never)),
    );
    for (const look of looks) expect(look).toMatchObject({ upserts: [], removals: [] });
    // The two groups of environments began at two times.
    expect(server.seen.length).toBeLessThanOrEqual(2);
    expect(server.seen[0]?.path).toBe('/api/v2/auditlog');
  });

  it('tells each environment of its own changes alone, once', async () => {
    const [production, staging] = await readAll();
    server.edit('enable_plain', 'test', (config) => {
      config.on = false;
    });
    const none = await provider.readChanges!('production', production?.mark ?? '', never);
    expect(none).toMatchObject({ upserts: [], removals: [] });
    const some = await provider.readChanges!('staging', staging?.mark ?? '', never);
    expect(some?.upserts.map(({ key }) => key)).toEqual(['enable_plain']);
    const again = await provider.readChanges!('staging', some?.mark ?? '', never);
    expect(again).toMatchObject({ upserts: [], removals: [] });
  });

  it('reads the whole again after very many changes, and for a mark of another kind', async () => {
    const [production] = await readAll();
    for (let index = 0; index < 120; index += 1) {
      server.edit('enable_plain', 'production', (config) => {
        config.on = !config.on;
      });
    }
    expect(await provider.readChanges!('production', production?.mark ?? '', never)).toBeNull();
    expect(await provider.readChanges!('production', '"etag"', never)).toBeNull();
    // More in one millisecond than a page holds: those before them are told of all the same.
    for (const entry of server.audit) entry.date = server.audit[0]!.date;
    server.audit.at(-1)!.date -= 5;
    const events = await provider.audit!(Date.now() - 60_000, never);
    expect(events.map(({ id }) => id.split('/')[0])).toContain(server.audit.at(-1)!._id);
  });

  it('a token that is not shown the audit log reads the whole list instead', async () => {
    const { mark } = await provider.readEnvironment('production', never);
    server.auditDenied = true;
    expect(await provider.readChanges!('production', mark ?? '', never)).toBeNull();
    await expect(provider.audit!(0, never)).rejects.toMatchObject({ code: 'credential' });
  });

  it('D6: the audit log names who and why, over several pages, oldest first, in our names', async () => {
    for (let index = 0; index < 44; index += 1) {
      server.edit('enable_plain', 'test', (config) => {
        config.on = !config.on;
      });
    }
    // As people and scripts do it, some in one millisecond and some not.
    for (const [index, entry] of server.audit.entries()) entry.date -= Math.floor(index / 15) * 10;
    const flag = await provider.readFlag('enable_plain', 'staging', never);
    const { write } = provider.planKill(flag);
    const { revision } = flag.state;
    await provider.apply(
      { key: 'enable_plain', environment: 'staging', expectRevision: revision, write, comment: 'INC-9' },
      never,
    );
    server.remove('layout');
    const events = await provider.audit!(Date.now() - 60_000, never);
    expect(events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(events.filter(({ by }) => by === 'sandy@acme.example')).toHaveLength(45);
    expect(events.find(({ by }) => by === 'scram console')).toMatchObject({
      key: 'enable_plain',
      environment: 'staging',
      summary: 'updated the flag: enable_plain (INC-9)',
    });
    expect(events.find(({ key }) => key === 'layout')).toMatchObject({ environment: null });
  });
});
