import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClientOptions } from '../../../electron/platform/http/client.ts';
import { type Certificate, makeCertificate } from '../../support/certificate.ts';
import { startConnectProxy } from '../../support/connect-proxy.ts';
import { json, startFaultServer } from '../../support/fault-server.ts';
import { freePort } from '../../support/processes.ts';

const get = { method: 'GET', path: '/api', query: { q: 1 } } as const;
const closers: (() => unknown)[] = [];
let tls: Certificate;

beforeAll(() => {
  tls = makeCertificate();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function behindProxy(secure: boolean) {
  const server = await startFaultServer(json(200, { ok: true }), secure ? tls : undefined);
  const proxy = await startConnectProxy(Number(new URL(server.url).port));
  closers.push(server.stop, proxy.stop);
  const clientFor = (baseUrl: string, options: Partial<HttpClientOptions>) => {
    const client = createHttpClient({ baseUrl, timeoutMs: 3000, maxBytes: 1000, ...options });
    closers.push(() => client.close());
    return client;
  };
  return { server, proxy, clientFor };
}

describe('http client through a proxy', () => {
  it('sends plain requests to the proxy whole, and keeps its credentials from the service', async () => {
    const { server, proxy, clientFor } = await behindProxy(false);
    const env = { HTTP_PROXY: `http://me:p%40ss@${proxy.host}` };
    const client = clientFor('http://flags.test/base', { env, auth: { kind: 'bearer', token: 'tok' } });
    expect((await client.request(get)).json()).toEqual({ ok: true });
    expect(proxy.seen).toEqual(['GET http://flags.test/base/api?q=1']);
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
    expect(server.seen[0]?.headers).toMatchObject({ host: 'flags.test', authorization: 'Bearer tok' });
    expect(server.seen[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  it('tunnels https, trusts a private authority there, and shows the proxy nothing of the exchange', async () => {
    const { server, proxy, clientFor } = await behindProxy(true);
    const client = clientFor('https://localhost:8443', { proxy: `http://${proxy.host}`, caPem: tls.cert });
    for (let times = 0; times < 8; times += 1) {
      expect((await client.request(get)).json()).toEqual({ ok: true });
    }
    // Tunnels are kept open: undici opens a second while the first is being made ready again, and no third.
    expect(new Set(proxy.seen)).toEqual(new Set(['CONNECT localhost:8443']));
    expect(proxy.seen.length).toBeLessThanOrEqual(2);
    expect(server.seen).toHaveLength(8);

    const stranger = clientFor('https://localhost:8443', { proxy: `http://${proxy.host}` });
    await expect(stranger.request(get)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(`through the proxy http://${proxy.host}`),
      action: expect.stringContaining('`ca`'),
    });
  });

  it('obeys NO_PROXY', async () => {
    const { server, proxy, clientFor } = await behindProxy(false);
    const env = { HTTP_PROXY: `http://${proxy.host}`, NO_PROXY: '*' };
    await clientFor(server.url, { env }).request(get);
    await clientFor(server.url, { env: { HTTP_PROXY: `http://${proxy.host}` } }).request(get);
    expect(proxy.seen).toEqual([]);
    expect(server.seen).toHaveLength(2);
  });

  it('E2: names a proxy that asks for a password, refuses, or is not there, without its credentials', async () => {
    const { server, proxy, clientFor } = await behindProxy(true);
    const through = `http://me:hunter2@${proxy.host}`;
    const client = clientFor('https://localhost:8443', { proxy: through, caPem: tls.cert });
    const failure = async (asked = client): Promise<unknown> => {
      const error = await asked.request(get).catch((caught: unknown) => caught);
      expect(JSON.stringify([String(error), error])).not.toContain('hunter2');
      return error;
    };
    proxy.refuses = 407;
    expect(await failure()).toMatchObject({
      code: 'credential',
      message: expect.stringContaining(`the proxy http://${proxy.host} asks for a user and a password`),
    });
    proxy.refuses = 403;
    expect(await failure()).toMatchObject({ code: 'unreachable', message: expect.stringContaining('(403)') });
    proxy.refuses = null;
    expect((await client.request(get)).status).toBe(200);

    const gone = `127.0.0.1:${await freePort()}`;
    const lost = clientFor('https://localhost:8443', { proxy: `http://me:hunter2@${gone}` });
    expect(await failure(lost)).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(new RegExp(`refused.*through the proxy http://${gone}`)),
    });
    expect(server.seen).toHaveLength(1);
  });

  it.each(['http://flags.test', 'https://localhost:8443'])(
    'a proxy that never answers costs the time limit, and no more once it does: %s',
    async (url) => {
      const { proxy, clientFor } = await behindProxy(url.startsWith('https'));
      const client = clientFor(url, { proxy: `http://${proxy.host}`, caPem: tls.cert, timeoutMs: 500 });
      proxy.refuses = 'silent';
      const all = await Promise.allSettled(Array.from({ length: 10 }, () => client.request(get)));
      for (const one of all) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } });
      proxy.refuses = null;
      expect((await client.request(get)).status).toBe(200);
    },
  );
});
