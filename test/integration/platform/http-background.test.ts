import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClientOptions, type HttpRequest } from '../../../electron/platform/http/client.ts';
import { type Answer, json, startFaultServer } from '../../support/fault-server.ts';
import { waitFor } from '../../support/processes.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(answer: Answer, options: Partial<HttpClientOptions> = {}) {
  const server = await startFaultServer(answer);
  const client = createHttpClient({ baseUrl: server.url, timeoutMs: 5000, maxBytes: 1000, ...options });
  closers.push(server.stop, () => client.close());
  return { server, client };
}

const ok = json(200, {});
const urgent: HttpRequest = { method: 'GET', path: '/urgent' };
const background: HttpRequest = { method: 'GET', path: '/background', background: true };
const write: HttpRequest = { method: 'POST', path: '/kill', json: {} };

describe('requests that nobody waits for', () => {
  it('leave connections free for those that somebody does', async () => {
    const held: (() => void)[] = [];
    const { server, client } = await serve((request, response, socket) => {
      const end = () => ok(request, response, socket);
      if (request.path === '/background') held.push(end);
      else end();
    });
    const many = Array.from({ length: 20 }, () => client.request(background));
    await waitFor('six of them under way', () => held.length === 6);
    expect((await client.request(urgent)).status).toBe(200);
    expect((await client.request(write)).status).toBe(200);
    expect(server.seen.filter((request) => request.path === '/background')).toHaveLength(6);
    const release = setInterval(() => held.splice(0).forEach((end) => void end()), 5);
    await Promise.all(many);
    clearInterval(release);
    expect(server.seen.filter((request) => request.path === '/background')).toHaveLength(20);
  });

  it.each<[string, Answer]>([
    ['a 429', json(429, {}, { 'retry-after': '1' })],
    ['an answer that was the last allowed', json(200, {}, { 'ratelimit-remaining': '0', 'ratelimit-reset': '1' })],
  ])("wait out the service's pause after %s; a person's read and kill do not", async (_, limited) => {
    const { server, client } = await serve(limited);
    await client.request(urgent);
    server.answer = ok;
    const began = performance.now();
    const waiting = client.request(background);
    expect((await client.request(urgent)).status).toBe(200);
    expect((await client.request(write)).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(800);
    expect(server.seen.map((request) => request.path)).toEqual(['/urgent', '/urgent', '/kill']);
    expect((await waiting).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(950);
  });

  it('say that they were held back when they are given up on', async () => {
    const { server, client } = await serve(json(429, {}, { 'retry-after': '60' }));
    await client.request(urgent);
    const controller = new AbortController();
    const waiting = client.request({ ...background, signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: expect.any(Number) });
    const closed = expect(client.request(background)).rejects.toMatchObject({ code: 'rate-limited' });
    await client.close();
    await closed;
    expect(server.seen).toHaveLength(1);
  });

  it("are not sent for a while to a service that keeps failing; a person's always are, and a success ends it", async () => {
    let nowMs = 1_000_000;
    const { server, client } = await serve(json(503, {}), { now: () => nowMs, random: () => 0 });
    for (let times = 0; times < 5; times += 1) await client.request(background);
    const sent = server.seen.length;
    await expect(client.request(background)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/was not sent: the service failed 5 times in a row.*in 5 s.*answered 503/),
      retryAfterMs: 5000,
    });
    expect(server.seen).toHaveLength(sent);
    expect((await client.request(write)).status).toBe(503);
    expect((await client.request(urgent)).status).toBe(503);
    expect(server.seen.length).toBeGreaterThan(sent);

    // One tries when the pause is over; it fails, and the pause is twice as long.
    nowMs += 5000;
    expect((await client.request(background)).status).toBe(503);
    nowMs += 9999;
    await expect(client.request(background)).rejects.toMatchObject({ code: 'unreachable' });
    server.answer = ok;
    nowMs += 1;
    const [trial, beside] = await Promise.allSettled([client.request(background), client.request(background)]);
    expect(trial).toMatchObject({ status: 'fulfilled' });
    expect(beside).toMatchObject({ status: 'rejected', reason: { code: 'unreachable' } });
    expect((await client.request(background)).status).toBe(200);
  });

  it("are sent again at once after a person's request came through", async () => {
    const { server, client } = await serve(json(503, {}), { now: () => 0, random: () => 0 });
    for (let times = 0; times < 5; times += 1) await client.request(background);
    await expect(client.request(background)).rejects.toMatchObject({ code: 'unreachable' });
    server.answer = ok;
    await client.request(urgent);
    expect((await client.request(background)).status).toBe(200);
  });
});
