import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openApi } from '../../../electron/providers/shared/http-connection.ts';
import { startConnectProxy } from '../../support/connect-proxy.ts';
import { json, startFaultServer } from '../../support/fault-server.ts';
import { contextOf } from '../../support/flag-context.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const asked = { method: 'GET', path: '/x', schema: z.object({}), what: 'x' } as const;

async function serve(status = 200) {
  const server = await startFaultServer(json(status, {}));
  closers.push(server.stop);
  return server;
}

describe('connection of an HTTP service', () => {
  it.each([
    ['bearer by itself', 'tok', undefined, 'Bearer tok'],
    ['Basic by itself', 'me:pw', undefined, `Basic ${Buffer.from('me:pw').toString('base64')}`],
    [
      "the service's own way, a colon in the secret or not",
      '*:*.tok\n',
      (value: string) => ({ kind: 'header', name: 'Authorization', value }) as const,
      '*:*.tok',
    ],
  ])('sends the secret as %s', async (_, secret, auth, header) => {
    const server = await serve();
    const context = contextOf({ secrets: { TOKEN: secret } });
    const config = { id: 'c', url: `${server.url}/base/`, credential: 'env:TOKEN', timeout: 2000 };
    const { api } = openApi(config, context, { name: 'Flags', ...(auth ? { auth } : {}) });
    closers.push(() => api.dispose());
    await api.ask(asked);
    expect(server.seen[0]).toMatchObject({ path: '/base/x', headers: { authorization: header } });
    expect(api.name).toBe(`Flags at ${server.url}/base`);
  });

  it('goes through the proxy of the configuration, or of the caller', async () => {
    const server = await serve();
    const proxy = await startConnectProxy(Number(new URL(server.url).port));
    closers.push(proxy.stop);
    const ways = [
      { config: { proxy: `http://${proxy.host}` }, env: {} },
      { config: {}, env: { HTTP_PROXY: `http://${proxy.host}` } },
    ];
    for (const { config, env } of ways) {
      const own = { id: 'c', url: 'http://flags.test', timeout: 2000, ...config };
      const { api } = openApi(own, contextOf({ env }), { name: 'Flags' });
      closers.push(() => api.dispose());
      await api.ask(asked);
    }
    expect(proxy.seen).toEqual(['GET http://flags.test/x', 'GET http://flags.test/x']);
  });

  it('says what is missing', () => {
    const config = { id: 'shop', url: 'http://127.0.0.1:1', timeout: 1000 };
    const needs = { name: 'Flags', needsCredential: true };
    expect(() => openApi(config, contextOf(), needs)).toThrow(expect.objectContaining({ code: 'credential' }));
    expect(() => openApi(config, contextOf(), needs)).toThrow('connection shop');
    const empty = contextOf({ secrets: { TOKEN: ' ' } });
    const withToken = { ...config, credential: 'env:TOKEN' };
    expect(() => openApi(withToken, empty, needs)).toThrow(expect.objectContaining({ code: 'credential' }));
  });
});
