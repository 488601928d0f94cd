import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { FlagProvider } from '../../../electron/services/flags/provider.ts';
import { httpConnectionSchema } from '../../../shared/model/config/connections/http.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { MAPPING, never, providerOf, standardFlags } from './fixture.ts';
import { type InHouseServer, newFlag, startInHouse, TOKEN } from './server.ts';

let server: InHouseServer;
const open: FlagProvider[] = [];

beforeEach(async () => {
  server = await startInHouse(standardFlags());
});
afterEach(async () => {
  for (const provider of open.splice(0)) provider.dispose();
  await server.stop();
});

function providerWith(settings: Record<string, unknown> = {}, parts = {}): FlagProvider {
  const provider = providerOf(server.url, settings, parts);
  open.push(provider);
  return provider;
}

const flagAt = (name: string, environment = 'prod') => server.environments[environment]?.get(name);
const writes = () => server.seen.filter(({ method }) => method !== 'GET');

async function failure(run: Promise<unknown>): Promise<ScramError> {
  const error = await run.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (error instanceof ScramError) return error;
  throw error ?? new Error('expected a ScramError');
}

async function kill(provider: FlagProvider, key: string, comment = 'INC-7', environment = 'production'): Promise<void> {
  const flag = await provider.readFlag(key, environment, never);
  const { write } = provider.planKill(flag);
  await provider.apply({ key, environment, expectRevision: flag.state.revision, write, comment }, never);
}

it('C1: the documented mapping is one that can be used', () => {
  const docs = readFileSync(new URL('../../../docs/connections.md', import.meta.url), 'utf8');
  const [example = ''] = /```yaml\n- id: inhouse\n[\s\S]*?```/.exec(docs) ?? [];
  const [config]: unknown[] = parse(example.replace(/```(yaml)?/g, ''));
  expect(httpConnectionSchema.parse(config)).toMatchObject({
    flag: { revision: '/revision' },
    write: { headers: { 'If-Match': '"$revision"' }, body: { enabled: '$value', reason: '$reason' } },
  });
});

describe('requests', () => {
  it('B3: two environments: the one that is meant is asked and written, the other is untouched', async () => {
    const provider = providerWith({ environments: { production: 'prod', staging: 'stage' } });
    await kill(provider, 'enable_plain', 'INC-7', 'staging');
    expect(flagAt('enable_plain', 'stage')?.enabled).toBe(false);
    expect(flagAt('enable_plain')?.enabled).toBe(true);
    expect(await provider.readFlag('enable_plain', 'staging', never)).toMatchObject({ providerEnvironment: 'stage' });
  });

  it('B3: a mapping that would be the same for two environments is refused', () => {
    expect(() =>
      providerWith({
        environments: { production: 'prod', staging: 'stage' },
        write: { ...MAPPING.write, path: '/v1/prod/flags/$flag' },
      }),
    ).toThrow(/\$environment/);
    expect(() => providerWith({ environments: { production: 'prod', staging: 'prod' } })).toThrow(/another one there/);
  });

  it('keys and reasons with every kind of character arrive as they are, and lead nowhere else', async () => {
    const provider = providerWith();
    const key = 'a/b ?#%$value"\\ü';
    server.environments.prod?.set(key, newFlag(key));
    const reason = 'He said "$flag", then\n{"enabled": true} \\ 💥';
    await kill(provider, key, reason);
    expect(flagAt(key)).toMatchObject({ enabled: false, reason });
    expect(writes()).toHaveLength(1);
    for (const name of ['..', '.']) {
      const error = await failure(provider.readFlag(name, 'production', never));
      expect(error.code).toBe('refused');
    }
  });

  it('values in headers cannot begin another header', async () => {
    const write = { ...MAPPING.write, headers: { ...MAPPING.write.headers, 'X-Reason': '$reason' } };
    await kill(providerWith({ write }), 'enable_plain', 'a\r\nX-Evil: 1\n ü');
    const { headers } = writes()[0]!;
    expect(headers['x-reason']).toBe('a%0D%0AX-Evil: 1%0A %C3%BC');
    expect(headers).not.toHaveProperty('x-evil');
  });

  it('a value that stands alone keeps its type; one within a text is text', async () => {
    const write = {
      ...MAPPING.write,
      body: { enabled: '$value', share: '$percentage', reason: '$flag at $revision in $environment: $value' },
    };
    server.edit('prod', 'enable_rollout', () => undefined);
    await kill(providerWith({ write }), 'enable_rollout');
    expect(writes()[0]?.headers['if-match']).toBe('"2"');
    expect(writes()[0]?.body).toStrictEqual({
      enabled: false,
      share: 20,
      reason: 'enable_rollout at 2 in prod: false',
    });
  });

  it('B2: the revision closes the gap between the look and the write', async () => {
    const provider = providerWith();
    const flag = await provider.readFlag('enable_plain', 'production', never);
    const { write } = provider.planKill(flag);
    server.shape = (found) => {
      // Somebody writes the same text again right after it was read: the state is as it was, the revision is not.
      const before = structuredClone(found);
      flagAt('enable_plain')!.revision += 1;
      return before;
    };
    const request = {
      key: 'enable_plain',
      environment: 'production',
      expectRevision: flag.state.revision,
      write,
      comment: 'c',
    };
    expect(await failure(provider.apply(request, never))).toMatchObject({ code: 'conflict' });
    expect(flagAt('enable_plain')?.enabled).toBe(true);
    expect(writes()).toHaveLength(1);
  });

  it.each([
    ['Authorization', 'Bearer', 'Bearer s3cret-token', 's3cret-token'],
    ['Authorization', 'Basic', `Basic ${Buffer.from('ann:pw-4711').toString('base64')}`, 'ann:pw-4711'],
    ['X-Api-Key', '', 'key-0815', 'key-0815'],
    ['X-Auth', 'Token', 'Token key-0815', 'key-0815'],
  ])('sends the credential in %s with scheme "%s"', async (header, scheme, sent, secret) => {
    const provider = providerWith({ auth: { header, scheme } }, { secrets: { FLAGS_TOKEN: secret } });
    const error = await failure(provider.readFlag('enable_plain', 'production', never));
    expect(error).toMatchObject({ code: 'credential' });
    expect(error.message).toContain('the token is not known');
    expect(error.message).not.toContain(secret);
    expect(server.seen[0]?.headers[header.toLowerCase()]).toBe(sent);
  });
});

describe('answers', () => {
  it('B1: every mapped part of a flag', async () => {
    expect(await providerWith().readFlag('enable_rollout', 'production', never)).toMatchObject({
      key: 'enable_rollout',
      description: 'What enable_rollout does',
      owner: 'payments',
      changedAtMs: Date.parse('2026-11-01T10:00:00Z'),
      changedBy: 'ariel',
      variants: [
        { name: 'true', value: true },
        { name: 'false', value: false },
      ],
      safeDefault: 'false',
    });
  });

  it.each(['cursor', 'path', 'query', 'absolute'] as const)('follows pages told by %s', async (next) => {
    server.next = next;
    server.pageSize = 1;
    const list = next === 'cursor' ? MAPPING.list : { ...MAPPING.list, path: '/v1/$environment/flags' };
    const { flags } = await providerWith({ list }).readEnvironment('production', never);
    expect(flags.map(({ key }) => key)).toEqual(['enable_plain', 'enable_rollout', 'layout', 'ops_disable_dep']);
  });

  it('E2: a next page on another host is not asked, and a circle of pages ends', async () => {
    server.pageSize = 2;
    const list = { ...MAPPING.list, path: '/v1/$environment/flags' };
    server.next = 'elsewhere';
    const error = await failure(providerWith({ list }).readEnvironment('production', never));
    expect(error).toMatchObject({ code: 'provider', message: expect.stringContaining('another host, 127.0.0.2:9') });
    server.next = 'loop';
    expect(await failure(providerWith({ list }).readEnvironment('production', never))).toMatchObject({
      code: 'provider',
    });
  });

  it('flags as an object by key, values that are no booleans, and words for writing that are others', async () => {
    const provider = providerWith({
      list: { path: '/v1/$environment/flags', items: '/data/flags/0' },
      flag: { value: '' },
      write: undefined,
      on: 'wide',
      off: 'narrow',
    });
    server.pageSize = 1;
    const { flags } = await provider.readEnvironment('production', never);
    expect(flags.map(({ key }) => key)).toContain('enabled');

    const words = providerWith({
      on: 'wide',
      off: 'narrow',
      write: { ...MAPPING.write, values: { on: 'make wide', off: 'make narrow' } },
    });
    await kill(words, 'layout');
    expect(flagAt('layout')?.enabled).toBe('make narrow');
  });

  it('B3: an answer about another flag is an error, and nothing is written', async () => {
    const provider = providerWith();
    const flag = await provider.readFlag('enable_plain', 'production', never);
    server.shape = () => flagAt('enable_rollout');
    const { write } = provider.planKill(flag);
    const request = {
      key: 'enable_plain',
      environment: 'production',
      expectRevision: flag.state.revision,
      write,
      comment: 'c',
    };
    const error = await failure(provider.apply(request, never));
    expect(error).toMatchObject({ code: 'provider' });
    expect(error.message).toContain('/name is "enable_rollout"');
    expect(writes()).toHaveLength(0);
  });

  it('a field that is not there fails the whole read, and says what is there', async () => {
    const error = await failure(
      providerWith({ flag: { ...MAPPING.flag, value: '/state/on' } }).readEnvironment('production', never),
    );
    expect(error.message).toMatch(
      /flag enable_plain .*nothing at \/state\/on: there are the keys name, enabled, share/,
    );
  });

  it('B14: a write that answers otherwise than agreed is not taken for done', async () => {
    const write = { ...MAPPING.write, success: { status: [200], pointer: '/ok', equals: true } };
    const provider = providerWith({ write });
    server.accepted = { status: 200, body: { ok: true } };
    await kill(provider, 'enable_plain');
    server.accepted = { status: 200, body: { ok: false } };
    expect((await failure(kill(provider, 'enable_rollout'))).message).toMatch(/not accepted: \/ok: there is a boolean/);
    server.accepted = { status: 202, body: { ok: true } };
    expect((await failure(kill(provider, 'ops_disable_dep'))).message).toContain('202');
  });

  it('without a write the connection only shows', async () => {
    const provider = providerWith({ write: undefined });
    expect(provider.capabilities).toMatchObject({ kill: false, restoreExact: false, rollout: false, comment: false });
    const flag = await provider.readFlag('enable_plain', 'production', never);
    expect(() => provider.planKill(flag)).toThrow(expect.objectContaining({ code: 'refused' }));
    expect(await provider.probe(never)).toMatchObject({ ok: true, canWrite: false });
  });

  it('without $percentage and $reason in the write there is no share to set, and none is lost', async () => {
    const provider = providerWith({ write: { ...MAPPING.write, body: { enabled: '$value', reason: 'scram' } } });
    expect(provider.capabilities).toMatchObject({ rollout: false, comment: false, kill: true });
    expect(provider.planRollout).toBeUndefined();
    await kill(provider, 'enable_rollout');
    expect(flagAt('enable_rollout')).toMatchObject({ enabled: false, share: 20 });
  });

  it('a configured safe default: one of on and off, or the text of a flag that is neither', async () => {
    const safeDefaults = { layout: 'narrow', enable_plain: 'nonsense' };
    const provider = providerWith({}, { safeDefaults });
    await kill(provider, 'layout');
    expect(flagAt('layout')?.enabled).toBe('narrow');
    const plain = await provider.readFlag('enable_plain', 'production', never);
    expect(() => provider.planKill(plain)).toThrow(expect.objectContaining({ code: 'refused' }));
  });

  it('H4: an idle look is answered by 304; a change and a removal are told apart', async () => {
    const provider = providerWith();
    const { mark } = await provider.readEnvironment('production', never);
    expect(await provider.readChanges!('production', mark ?? '', never)).toMatchObject({ upserts: [], removals: [] });
    expect(server.seen.at(-1)?.headers['if-none-match']).toBe(mark);
    server.environments.prod?.delete('layout');
    server.edit('prod', 'enable_plain', (flag) => {
      flag.enabled = false;
    });
    const changes = await provider.readChanges!('production', mark ?? '', never);
    expect(changes?.removals).toEqual(['layout']);
    expect(changes?.upserts.find(({ key }) => key === 'enable_plain')?.state.killed).toBe(true);
    server.etags = false;
    expect((await provider.readEnvironment('production', never)).mark).toBeNull();
  });
});

describe('probe', () => {
  const fieldsOf = async (settings: Record<string, unknown>) => {
    const report = await providerWith(settings).probe(never);
    const problems = report.fields.flatMap(({ name, problem }) => (problem === null ? [] : [`${name}: ${problem}`]));
    return { report, problems };
  };

  it('shows each mapped field with what was found there', async () => {
    const { report } = await fieldsOf({});
    const shown = Object.fromEntries(report.fields.map(({ name, source, value }) => [name, [source, value]]));
    expect(shown).toMatchObject({
      'production: list.items': ['/data/flags', '4 flags'],
      'production: list flag.key': ['/name', 'enable_plain'],
      'production: list flag.percentage': ['/share', '20'],
      'production: on and off': ['on true, off false', '2 on, 1 off, 1 others'],
      'production: read flag.value': ['/enabled', 'true'],
      write: ['PUT /v1/$environment/flags/$flag', 'not tried: it would change a flag'],
    });
    expect(report).toMatchObject({ ok: true, canRead: true, canWrite: null });
    expect(writes()).toHaveLength(0);
  });

  it.each([
    [{ list: { ...MAPPING.list, items: '/flags' } }, 'list.items: nothing at /flags: there are the keys data'],
    [
      { list: { ...MAPPING.list, items: '/data' } },
      'list.items: at /data/flags: nothing at /name: there is a list of 4',
    ],
    [{ flag: { ...MAPPING.flag, value: '/on' } }, 'flag.value: nothing at /on: there are the keys name, enabled'],
    [{ flag: { ...MAPPING.flag, owner: '/owner/name' } }, 'flag.owner: nothing at /owner/name'],
    [{ flag: { ...MAPPING.flag, changedAt: '/team' } }, 'flag.changedAt: /team: no time'],
    [{ flag: { ...MAPPING.flag, percentage: '/revision' } }, ''],
    [{ on: 'yes', off: 'no' }, 'on and off: no flag is "yes" or "no": there is true'],
    [{ read: { path: '/v1/$environment/flags/$flag', item: '/flag' } }, 'read.item: nothing at /flag'],
    [{ read: { path: '/v1/$environment/flag/$flag' } }, 'read: inhouse at'],
    [{ environments: { production: 'prodution' } }, 'list: inhouse at'],
    [{ auth: { header: 'Authorization' } }, 'list: inhouse at'],
  ])('says what is wrong with %j', async (settings, problem) => {
    const { report, problems } = await fieldsOf(settings);
    if (problem === '') return expect(problems).toEqual([]);
    expect(problems.join('\n')).toContain(problem);
    expect(report).toMatchObject({ ok: false, canRead: false });
    expect(report.detail).toContain(problem.split(':').at(-1)?.trim());
  });

  it('E2: takes the credential out of what it shows', async () => {
    flagAt('enable_plain')!.about = `uses ${TOKEN} for now`;
    const { report } = await fieldsOf({});
    expect(JSON.stringify(report)).toContain('uses [redacted] for now');
    expect(JSON.stringify(report)).not.toContain(TOKEN);
  });
});
