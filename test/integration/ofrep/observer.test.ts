import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../electron/platform/clock.ts';
import { ofrepObserver } from '../../../electron/providers/flags/observers/ofrep.ts';
import type { FlagObserver } from '../../../electron/services/flags/observer.ts';
import { ofrepObserverSchema } from '../../../shared/model/config/connections/observers.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { type OfrepServer, type OfrepServerOptions, startOfrepServer } from '../../support/ofrep-server.ts';
import { temporaryFolder } from '../flagd/fixture.ts';

const SECRET = 'observer-secret-4711';
const never = new AbortController().signal;
const FLAGS = {
  enable_plain: { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'on' },
  enable_split: {
    state: 'ENABLED',
    variants: { on: true, off: false },
    defaultVariant: 'off',
    targeting: { if: [{ '==': [{ var: 'targetingKey' }, 'beta'] }, 'on', null] },
  },
  enable_disabled: { state: 'DISABLED', variants: { on: true, off: false }, defaultVariant: 'on' },
  enable_code: { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: null },
  enable_broken: {
    state: 'ENABLED',
    variants: { on: true, off: false },
    defaultVariant: 'on',
    targeting: { no_such_operator: [1] },
  },
  layout: { state: 'ENABLED', variants: { wide: { columns: 3 }, narrow: { columns: 1 } }, defaultVariant: 'narrow' },
};

let folder: string;
let remove: () => Promise<void>;
let stops: (() => unknown)[];

beforeEach(async () => {
  stops = [];
  ({ folder, remove } = await temporaryFolder());
  await save(FLAGS);
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  await remove();
});

const file = () => path.join(folder, 'flags.json');
const save = (flags: object) => writeFile(file(), JSON.stringify({ flags }));

async function serve(options: Partial<OfrepServerOptions> = {}): Promise<OfrepServer> {
  const server = await startOfrepServer({ file: file(), ...options });
  stops.push(() => server.stop());
  return server;
}

function observe(server: OfrepServer, config: Record<string, unknown> = {}): FlagObserver {
  const observer = ofrepObserver(
    ofrepObserverSchema.parse({
      kind: 'ofrep',
      url: server.url,
      region: server.region,
      instance: 'relay-1',
      users: ['scram-observer'],
      ...config,
    }),
    {
      baseDir: folder,
      workDir: folder,
      clock: systemClock({ info() {}, warn() {}, error() {} }),
      log: { info() {}, warn() {}, error() {} },
      hintsOf: () => ({ polarity: 'enables', safeDefault: null }),
      env: {},
      secret: () => SECRET,
      readText: () => '',
      environments: ['production'],
      metricSource: () => null,
    },
  );
  stops.push(() => observer.dispose());
  return observer;
}

const look = (observer: FlagObserver, ...keys: string[]) => observer.observe(keys, 'production', never);
async function failure(run: Promise<unknown>): Promise<ScramError> {
  const error = await run.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ScramError) return error;
  throw new Error('expected a ScramError', { cause: error });
}
const plain = (answers: readonly object[]) => answers.map(({ atMs: _, ...rest }: { atMs?: number }) => rest);

describe('OFREP observer, against a server with flagd’s own evaluator', () => {
  it('B5: tells the variant and the value that the instance serves, with its region', async () => {
    const server = await serve({ region: 'us-east' });
    const observer = observe(server);
    const before = Date.now();
    const seen = await look(observer, 'enable_plain', 'layout');
    expect(plain(seen)).toEqual([
      { key: 'enable_plain', instance: 'relay-1', region: 'us-east', variant: 'on', value: true },
      { key: 'layout', instance: 'relay-1', region: 'us-east', variant: 'narrow', value: { columns: 1 } },
    ]);
    for (const { atMs } of seen) expect(atMs).toBeGreaterThanOrEqual(before);
    expect(observer).toMatchObject({ environments: ['production'], bulk: true });
    expect(server.seen).toEqual(['POST /ofrep/v1/evaluate/flags 200']);
  });

  it('B14: unless users are named, ten are asked, so that a share of users is seen on both sides', async () => {
    await save({
      enable_half: {
        state: 'ENABLED',
        variants: { on: true, off: false },
        defaultVariant: 'off',
        targeting: {
          fractional: [
            ['on', 50],
            ['off', 50],
          ],
        },
      },
    });
    const server = await serve();
    const seen = await observe(server, { users: undefined }).observe(['enable_half'], 'production', never);
    expect(seen.map((one) => one.variant).sort()).toEqual(['off', 'on']);
  });

  it('B6: an instance whose users are served differently has all its variants told', async () => {
    const observer = observe(await serve(), { users: ['alpha', 'beta'] });
    expect((await look(observer, 'enable_split')).map(({ variant }) => variant)).toEqual(['off', 'on']);
    await save({ ...FLAGS, enable_split: { ...FLAGS.enable_split, targeting: {} } });
  });

  it('B5: an unchanged server answers 304, and the last answer counts as of now', async () => {
    const server = await serve();
    const observer = observe(server);
    const first = await look(observer, 'enable_plain');
    const second = await look(observer, 'enable_plain', 'layout');
    expect(server.seen).toEqual(['POST /ofrep/v1/evaluate/flags 200', 'POST /ofrep/v1/evaluate/flags 304']);
    expect(second.map(({ variant }) => variant)).toEqual(['on', 'narrow']);
    expect(second[0]?.atMs).toBeGreaterThanOrEqual(first[0]?.atMs ?? Number.POSITIVE_INFINITY);

    await save({ ...FLAGS, enable_plain: { ...FLAGS.enable_plain, defaultVariant: 'off' } });
    await server.refreshed();
    expect((await look(observer, 'enable_plain'))[0]).toMatchObject({ variant: 'off', value: false });
    expect(server.seen.at(-1)).toBe('POST /ofrep/v1/evaluate/flags 200');
  });

  it('B16: where the code decides there is neither variant nor value', async () => {
    const server = await serve();
    const observer = observe(server);
    const seen = await look(observer, 'enable_disabled', 'enable_code', 'enable_broken', 'enable_nowhere');
    expect(new Map(seen.map(({ key, variant, value }) => [key, [variant, value]]))).toEqual(
      new Map([
        ['enable_disabled', [null, undefined]],
        ['enable_code', [null, undefined]],
        ['enable_broken', [null, undefined]],
        ['enable_nowhere', [null, undefined]],
      ]),
    );
    expect(server.seen.slice(1)).toEqual([
      'POST /ofrep/v1/evaluate/flags/enable_disabled 404',
      'POST /ofrep/v1/evaluate/flags/enable_nowhere 404',
    ]);
  });

  it('asks flag by flag where there is no bulk evaluation, and not for bulk each time', async () => {
    const server = await serve({ bulk: false });
    const observer = observe(server, { users: ['alpha', 'beta'] });
    for (let round = 0; round < 2; round += 1) {
      const seen = await look(observer, 'enable_plain', 'enable_broken');
      expect(seen.map(({ key, variant }) => [key, variant])).toEqual([
        ['enable_plain', 'on'],
        ['enable_broken', null],
      ]);
    }
    expect(server.seen.filter((line) => line === 'POST /ofrep/v1/evaluate/flags 404')).toHaveLength(1);
    expect(server.seen.filter((line) => line.includes('/enable_plain 200'))).toHaveLength(4);
    expect(observer.bulk).toBe(false);
  });

  it.each([405, 501])('asks flag by flag where bulk evaluation answers %i', async (status) => {
    const server = await serve();
    server.intercept = ({ path }) =>
      path === '/ofrep/v1/evaluate/flags' ? { status, headers: { 'content-type': 'text/html' } } : undefined;
    expect((await look(observe(server), 'enable_plain'))[0]).toMatchObject({ variant: 'on' });
  });

  it.each([
    ['bearer', 'authorization', `Bearer ${SECRET}`],
    ['x-api-key', 'x-api-key', SECRET],
  ])('E2: sends its credential as %s, and further headers', async (header, name, value) => {
    const server = await serve({ token: SECRET });
    const observer = observe(server, {
      header,
      credential: 'env:OFREP_TOKEN',
      headers: { 'X-Flipt-Namespace': 'shop' },
    });
    expect((await look(observer, 'enable_plain'))[0]).toMatchObject({ variant: 'on' });
    expect(server.calls[0]?.headers[name]).toBe(value);
    expect(server.calls[0]?.headers['x-flipt-namespace']).toBe('shop');
  });

  it('E2: says that the credential is missing (401) or not enough (403), and never shows it', async () => {
    const server = await serve({ token: 'another' });
    const observer = observe(server, { credential: 'env:OFREP_TOKEN' });
    expect(await failure(look(observer, 'enable_plain'))).toMatchObject({ code: 'credential' });
    server.intercept = () => ({ status: 403, body: { errorDetails: `key ${SECRET} may not evaluate` } });
    const error = await failure(look(observer, 'enable_plain'));
    expect(error.code).toBe('credential');
    expect(error.message).toContain('key [redacted] may not evaluate');
  });

  it.each([
    ['Retry-After', () => '3', 2_900, 3_000],
    ['Retry-After', () => new Date(Date.now() + 60_000).toUTCString(), 57_000, 62_000],
    ['Retry-Later', () => new Date(Date.now() + 60_000).toISOString(), 57_000, 62_000],
  ])('a 429 with %s tells when to come back', async (name, told, least, most) => {
    const server = await serve();
    server.intercept = () => ({ status: 429, headers: { [name]: told() } });
    const error = await failure(look(observe(server), 'enable_plain'));
    expect(error.code).toBe('rate-limited');
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(least);
    expect(error.retryAfterMs).toBeLessThanOrEqual(most);
  });

  it.each([
    [400, { errorCode: 'INVALID_CONTEXT', errorDetails: 'no region' }, 'INVALID_CONTEXT: no region'],
    [500, { errorDetails: 'source is gone' }, 'source is gone'],
  ])('a bulk evaluation that fails with %i is an error with its words', async (status, body, words) => {
    const server = await serve();
    server.intercept = () => ({ status, body });
    const error = await failure(look(observe(server), 'enable_plain'));
    expect(error.code).toBe('provider');
    expect(error.message).toContain(words);
  });

  it('a flag that needs more context than was sent is left out, not guessed', async () => {
    const server = await serve();
    server.intercept = () => ({
      status: 200,
      body: {
        flags: [
          { key: 'needs_more', errorCode: 'TARGETING_KEY_MISSING', errorDetails: 'no account' },
          { key: 'enable_plain', value: true, variant: 'on', reason: 'STATIC' },
          { key: 'deferred', reason: 'DEFAULT', variant: 'control' },
          { key: 'flipt_disabled', value: '', variant: '', reason: 'DISABLED' },
          { key: 'failing', value: true, reason: 'ERROR' },
        ],
        eventStreams: [],
      },
    });
    const seen = await look(observe(server), 'needs_more', 'enable_plain', 'deferred', 'flipt_disabled', 'failing');
    expect(seen.map(({ key, variant, value }) => [key, variant, value])).toEqual([
      ['enable_plain', 'on', true],
      ['deferred', null, undefined],
      ['flipt_disabled', null, undefined],
      ['failing', null, undefined],
    ]);
  });

  it('says so when no OFREP server answers there, or an answer does not fit', async () => {
    const server = await serve();
    const observer = observe(server);
    server.intercept = () => ({ status: 404, headers: { 'content-type': 'text/html' } });
    const nowhere = await failure(look(observer, 'enable_plain'));
    expect(nowhere).toMatchObject({ code: 'provider', action: expect.stringContaining('/ofrep/v1/evaluate/flags') });
    const other = observe(server);
    server.intercept = () => ({ status: 200, body: { flags: [{ value: true }] } });
    expect((await failure(look(other, 'enable_plain'))).message).toContain('flags[0].key');
  });
});
