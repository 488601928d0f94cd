import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpObserver } from '../../../electron/providers/flags/observers/http.ts';
import type { FlagObserver } from '../../../electron/services/flags/observer.ts';
import { httpObserverSchema } from '../../../shared/model/config/connections/observers.ts';
import { contextOf } from '../../support/flag-context.ts';

const never = new AbortController().signal;
let server: http.Server;
let url: string;
let answers: Record<string, unknown>;
let underWay = 0;
let most = 0;
let seen: string[];
const open: FlagObserver[] = [];

beforeEach(async () => {
  answers = {
    '/flags/production/enable_a': { flag: { variant: 'on', value: true } },
    '/flags/production/enable_b': { flag: { variant: null, value: false } },
    '/flags/production/x%2Fy': { flag: { variant: 'off', value: false } },
    '/all': { enable_a: true, 'x/y': { deep: 1 } },
  };
  seen = [];
  most = 0;
  server = http.createServer((request, response) => {
    seen.push(request.url ?? '');
    underWay += 1;
    most = Math.max(most, underWay);
    setTimeout(() => {
      underWay -= 1;
      if (request.headers.authorization !== 'Bearer watch-1') return response.writeHead(401).end('{}');
      const answer = answers[request.url ?? ''];
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? { error: 'unknown' }));
    }, 10);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const observer of open.splice(0)) observer.dispose();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function observerWith(settings: Record<string, unknown> = {}, secret = 'watch-1'): FlagObserver {
  const config = httpObserverSchema.parse({
    kind: 'http',
    region: 'eu-west',
    url,
    credential: 'env:WATCH',
    path: '/flags/$environment/$flag',
    variant: '/flag/variant',
    value: '/flag/value',
    ...settings,
  });
  const context = { ...contextOf({ secrets: { WATCH: secret } }), environments: null, metricSource: () => null };
  const observer = httpObserver(config, context);
  open.push(observer);
  return observer;
}

describe('http observer', () => {
  it('B5, B6: tells variant and value per region and instance, at the time of the answer', async () => {
    const before = Date.now();
    const seenNow = await observerWith().observe(['enable_a', 'enable_b', 'x/y'], 'production', never);
    const place = { region: 'eu-west', instance: new URL(url).host };
    expect(seenNow).toMatchObject([
      { key: 'enable_a', variant: 'on', value: true, ...place },
      { key: 'enable_b', variant: null, value: false, ...place },
      { key: 'x/y', variant: 'off', value: false, ...place },
    ]);
    for (const { atMs } of seenNow) {
      expect(atMs).toBeGreaterThanOrEqual(before);
      expect(atMs).toBeLessThanOrEqual(Date.now());
    }
    expect((await observerWith({ instance: 'pod-7' }).observe(['enable_a'], 'production', never))[0]?.instance).toBe(
      'pod-7',
    );
  });

  it('a flag that the instance does not know is absent; all of them unknown is told', async () => {
    const observer = observerWith();
    const some = await observer.observe(['enable_a', 'enable_z'], 'production', never);
    expect(some.map(({ key }) => key)).toEqual(['enable_a']);
    await expect(observer.observe(['enable_z'], 'production', never)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('enable_z'),
    });
  });

  it('asks for many flags side by side, and not for all at once', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `enable_${index}`);
    for (const key of keys) answers[`/flags/production/${key}`] = { flag: { variant: 'on', value: true } };
    expect(await observerWith().observe(keys, 'production', never)).toHaveLength(40);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(6);
  });

  it('H4: one answer that tells of every flag is asked for once', async () => {
    const observer = observerWith({ path: '/all', variant: undefined, value: '/$flag' });
    expect(observer.bulk).toBe(true);
    const some = await observer.observe(['enable_a', 'enable_z', 'x/y'], 'production', never);
    expect(some).toMatchObject([
      { key: 'enable_a', variant: null, value: true },
      { key: 'x/y', variant: null, value: { deep: 1 } },
    ]);
    expect(seen).toEqual(['/all']);
    await expect(observer.observe(['enable_z'], 'production', never)).rejects.toMatchObject({
      code: 'provider',
      message: expect.stringContaining('nothing at /enable_z: there are the keys enable_a, x/y'),
    });
  });

  it('says what does not fit: pointers, types, the credential', async () => {
    await expect(
      observerWith({ value: '/on', variant: undefined }).observe(['enable_a'], 'production', never),
    ).rejects.toMatchObject({
      code: 'provider',
      message: expect.stringContaining('nothing at /on: there are the keys flag'),
    });
    await expect(
      observerWith({ variant: '/flag/value' }).observe(['enable_a'], 'production', never),
    ).rejects.toMatchObject({
      code: 'provider',
      message: expect.stringContaining('/flag/value: expected the name of a variant'),
    });
    const refused = await observerWith({}, 'wrong-secret')
      .observe(['enable_a'], 'production', never)
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'credential' });
    expect(String(refused)).not.toContain('wrong-secret');
  });

  it('refuses a configuration that cannot tell flags apart, or tells nothing', () => {
    expect(() => observerWith({ path: '/flags' })).toThrow(/\$flag/);
    expect(() => observerWith({ variant: undefined, value: undefined })).toThrow(/JSON pointer for variant/);
  });
});
