import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClientOptions, type HttpRequest } from '../../../electron/platform/http/client.ts';
import { type Answer, type FaultServer, json, startFaultServer } from '../../support/fault-server.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Answers by turns; the last one for ever. */
async function serve(answers: readonly Answer[], options: Partial<HttpClientOptions> = {}) {
  const server: FaultServer = await startFaultServer((request, response, socket) => {
    const answer = answers[Math.min(server.seen.length, answers.length) - 1];
    answer?.(request, response, socket);
  });
  const client = createHttpClient({ baseUrl: server.url, timeoutMs: 3000, maxBytes: 1000, ...options });
  closers.push(server.stop, () => client.close());
  return { server, client };
}

const ok = json(200, { ok: true });
const reset: Answer = (_request, _response, socket) => void socket.resetAndDestroy();
const half: Answer = (_request, response, socket) => {
  response.writeHead(200, { 'content-length': 100 });
  response.write('{', () => socket.resetAndDestroy());
};
const get: HttpRequest = { method: 'GET', path: '/' };

describe('repetition of reads', () => {
  it.each<[string, Answer]>([
    ['502', json(502, {})],
    ['503', json(503, {})],
    ['504', json(504, {})],
    ['a reset', reset],
    ['a reset within the answer', half],
  ])('gets over two times %s', async (_, fault) => {
    const { server, client } = await serve([fault, fault, ok]);
    expect((await client.request(get)).json()).toEqual({ ok: true });
    expect(server.seen).toHaveLength(3);
  });

  it('gives the last answer, or the last failure, after the third try', async () => {
    const busy = await serve([json(503, { why: 'busy' })]);
    expect((await busy.client.request(get)).json()).toEqual({ why: 'busy' });
    expect(busy.server.seen).toHaveLength(3);
    const broken = await serve([reset]);
    await expect(broken.client.request(get)).rejects.toMatchObject({ code: 'unreachable' });
    expect(broken.server.seen).toHaveLength(3);
  });

  it('is not for answers that a repetition does not change', async () => {
    const { server, client } = await serve([json(500, {})]);
    expect((await client.request(get)).status).toBe(500);
    expect(server.seen).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    ['503', json(503, {})],
    ['a reset', reset],
    ['a reset within the answer', half],
  ])('D6: is never for a write, whatever its method: %s', async (_, fault) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const { server, client } = await serve([fault, ok]);
      await client.request({ method, path: '/', json: {} }).catch(() => undefined);
      expect(server.seen, method).toHaveLength(1);
    }
  });

  it('is for a POST that says it only reads, such as a query by form', async () => {
    const { server, client } = await serve([reset, ok]);
    await client.request({ method: 'POST', path: '/', form: { query: 'up' }, idempotentRead: true });
    expect(server.seen.map((request) => request.form.get('query'))).toEqual(['up', 'up']);
  });

  it('waits as long as Retry-After says, and not past the time limit', async () => {
    const patient = await serve([json(503, {}, { 'retry-after': '1' }), ok]);
    const began = performance.now();
    expect((await patient.client.request(get)).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(990);

    const hasty = await serve([json(503, {}, { 'retry-after': '10' }), ok]);
    const from = performance.now();
    expect((await hasty.client.request(get)).status).toBe(503);
    expect(performance.now() - from).toBeLessThan(900);
    expect(hasty.server.seen).toHaveLength(1);
  });

  it('stays within one time limit over all tries', async () => {
    const { client } = await serve([reset, () => undefined], { timeoutMs: 400 });
    const began = performance.now();
    await expect(client.request(get)).rejects.toMatchObject({ code: 'timeout' });
    expect(performance.now() - began).toBeLessThan(700);
  });

  it('ends with its caller, and with the client', async () => {
    const slow = json(503, {}, { 'retry-after': '2' });
    const called = await serve([slow, ok]);
    const controller = new AbortController();
    const asked = called.client.request({ ...get, signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });

    const closed = await serve([slow, ok]);
    const pending = closed.client.request(get);
    setTimeout(() => void closed.client.close(), 100);
    expect((await pending).status).toBe(503);
    expect([called.server.seen.length, closed.server.seen.length]).toEqual([1, 1]);
  });
});
