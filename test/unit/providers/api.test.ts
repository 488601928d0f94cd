import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createHttpClient, type HttpAuth } from '../../../electron/platform/http/client.ts';
import { type ApiOptions, createApi } from '../../../electron/providers/shared/api.ts';
import { type Answer, type FaultServer, json, startFaultServer } from '../../support/fault-server.ts';

const SECRET = 'canary-7c1f';
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function apiOver(answer: Answer, options: Partial<ApiOptions> = {}) {
  const server: FaultServer = await startFaultServer(answer);
  const auth: HttpAuth = options.auth ?? { kind: 'bearer', token: SECRET };
  const http = createHttpClient({ baseUrl: server.url, timeoutMs: 3000, maxBytes: 100_000, auth, random: () => 0 });
  const api = createApi({ http, name: `Flags at ${server.url}`, auth, ...options });
  closers.push(server.stop, () => api.dispose());
  return { server, api };
}

const text =
  (status: number, type: string, body: string, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, { ...(type === '' ? {} : { 'content-type': type }), ...headers }).end(body);
  };
const PAGE = '<!DOCTYPE html><html><title>Sign in</title></html>';
const flag = { method: 'GET', path: '/flag', schema: z.object({ on: z.boolean() }), what: 'flag enable_x' } as const;
const kill = { method: 'POST', path: '/off', schema: null, what: 'turning enable_x off' } as const;

describe('JSON service', () => {
  it('gives the value, its ETag, and null when it is still the same', async () => {
    const { server, api } = await apiOver((request, response, socket) => {
      const same = request.headers['if-none-match'] === '"v1"';
      if (same) response.writeHead(304, { etag: '"v1"' }).end();
      else json(200, { on: true, more: 1 }, { etag: '"v1"' })(request, response, socket);
    });
    expect(await api.ask(flag)).toMatchObject({ value: { on: true }, etag: '"v1"' });
    expect(await api.askIfChanged(flag, '"v1"')).toBeNull();
    expect(await api.askIfChanged(flag, '"v0"')).toMatchObject({ value: { on: true } });
    // An Express server never answers 304 to no-cache.
    expect(server.seen[1]?.headers['cache-control']).toBe('max-age=0');
  });

  it.each<[string, Answer]>([
    ['nothing', text(200, '', '')],
    ['no content', text(204, '', '')],
    ['an empty page', text(200, 'text/html', '')],
    ['a word', text(200, 'text/plain', 'OK')],
    ['JSON', json(202, { queued: true })],
  ])('takes %s for the success of a write', async (_, answer) => {
    const { api } = await apiOver(answer);
    await expect(api.ask(kill)).resolves.toMatchObject({ value: undefined });
  });

  it('takes no login page for the success of a write', async () => {
    const { api, server } = await apiOver(text(200, 'text/html; charset=utf-8', PAGE));
    await expect(api.ask(kill)).rejects.toMatchObject({
      code: 'provider',
      message: expect.stringContaining(`${server.url.slice('http://'.length)}/off`),
    });
    await expect(api.ask(kill)).rejects.toThrow('login page');
    expect(server.seen).toHaveLength(2);
  });

  it.each<[string, Answer, string]>([
    ['another type', json(200, { on: 'yes' }), 'flag enable_x does not fit: on: '],
    ['nothing', text(200, 'application/json', ''), 'the answer is empty'],
    ['half of it', text(200, 'application/json', '{"on":'), 'not whole JSON'],
    ['a page', text(200, 'text/html', PAGE), 'login page'],
    ['an answer that nobody asked for by ETag', text(304, '', ''), 'HTTP 304'],
  ])('refuses %s where a value was expected', async (_, answer, message) => {
    const { api } = await apiOver(answer);
    await expect(api.ask(flag)).rejects.toMatchObject({ code: 'provider', message: expect.stringContaining(message) });
  });

  it.each<[number, string, boolean]>([
    [400, 'provider', false],
    [401, 'credential', false],
    [403, 'credential', false],
    [404, 'not-found', false],
    [409, 'conflict', false],
    [412, 'conflict', false],
    [422, 'provider', false],
    [429, 'rate-limited', true],
    [500, 'provider', true],
    [503, 'provider', true],
  ])(
    'makes %i a %s, with the address, what was asked, and the words of the service',
    async (status, code, retryable) => {
      const { api, server } = await apiOver(json(status, { message: 'the disk is on fire' }));
      const error = await api.ask(flag).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code, retryable });
      for (const part of [server.url, 'flag enable_x', String(status), 'the disk is on fire']) {
        expect(String(error)).toContain(part);
      }
    },
  );

  it.each<[string, Answer, string]>([
    ['error', json(400, { error: 'bad strategy' }), 'HTTP 400: bad strategy'],
    ['detail', json(400, { detail: 'bad strategy' }), 'HTTP 400: bad strategy'],
    ['plain text', text(400, 'text/plain; charset=utf-8', 'bad strategy\nat line 1'), 'HTTP 400: bad strategy'],
    ['a page', text(400, 'text/html', '<!DOCTYPE html><pre>SyntaxError</pre>'), 'HTTP 400; it answered a web page'],
    ['nothing', text(400, '', ''), 'refused with HTTP 400'],
    ['a list', json(400, ['x']), 'refused with HTTP 400'],
  ])('reads what a refusal says of itself: %s', async (_, answer, message) => {
    const { api } = await apiOver(answer);
    await expect(api.ask(flag)).rejects.toThrow(message);
  });

  it('a 404 page of whatever stands there does not say that the flag is gone', async () => {
    const { api } = await apiOver(text(404, 'text/html', '<html>Cannot GET /flag</html>'));
    await expect(api.ask(flag)).rejects.toMatchObject({ code: 'provider', action: expect.stringContaining('url') });
  });

  it('tells when to try again, whatever the body of the 429 is', async () => {
    const limited = text(429, 'text/html', 'Too many requests', { 'retry-after': '7' });
    const { api } = await apiOver(limited);
    await expect(api.ask(flag)).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 7000 });
  });

  it('lets the adapter name the permission, the code and what to do', async () => {
    const explain: ApiOptions['explain'] = (response, body) => {
      const { kind } = z.object({ kind: z.string() }).parse(body);
      if (kind === 'permission') return { message: 'no', permission: 'UPDATE_FEATURE' };
      if (kind === 'approval') return { message: 'needs review', code: 'approval-required', action: 'Open a review.' };
      return response.status === 400 ? null : { message: kind };
    };
    let body: unknown = { kind: 'permission' };
    const { api } = await apiOver((...exchange) => json(403, body)(...exchange), { explain });
    await expect(api.ask(kill)).rejects.toMatchObject({
      code: 'credential',
      message: expect.stringContaining('the permission UPDATE_FEATURE is missing'),
      action: expect.stringContaining('UPDATE_FEATURE'),
    });
    body = { kind: 'approval' };
    await expect(api.ask(kill)).rejects.toMatchObject({ code: 'approval-required', action: 'Open a review.' });
  });

  it('takes accepted statuses for answers', async () => {
    const { api } = await apiOver(json(404, { gone: true }));
    const { response } = await api.ask({ ...flag, accept: [404] });
    expect([response.status, response.json()]).toEqual([404, { gone: true }]);
  });

  it.each<[string, HttpAuth, readonly string[]]>([
    ['bearer', { kind: 'bearer', token: SECRET }, [SECRET]],
    [
      'basic',
      { kind: 'basic', user: 'me', password: SECRET },
      [SECRET, Buffer.from(`me:${SECRET}`).toString('base64')],
    ],
    ['header', { kind: 'header', name: 'Authorization', value: `Api-Key ${SECRET}` }, [SECRET]],
  ])(
    'E2: takes the credential out of every word, also out of a service that repeats it: %s',
    async (_, auth, secrets) => {
      const answers: Answer[] = [
        (request, ...rest) => json(400, { message: `you sent ${request.headers.authorization}` })(request, ...rest),
        (request, ...rest) => json(403, { message: 'x'.repeat(485) + request.headers.authorization })(request, ...rest),
        (request, response) =>
          void response.writeHead(500, { 'content-type': 'text/plain' }).end(request.headers.authorization),
        (request, response) =>
          void response.writeHead(200, { 'content-type': `a/${request.headers.authorization}` }).end('{}'),
        (_request, _response, socket) => void socket.destroy(),
      ];
      for (const answer of answers) {
        const { api } = await apiOver(answer, { auth });
        const error = (await api.ask(flag).catch((caught: unknown) => caught)) as Error;
        const told = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`.toLowerCase();
        // Not cut in its middle either.
        for (const secret of secrets) expect(told).not.toContain(secret.slice(0, 6).toLowerCase());
      }
    },
  );

  it('gives the lines of a stream, and its refusal as every other', async () => {
    const watch = { method: 'POST', path: '/watch', json: {}, what: 'watching' } as const;
    const { api } = await apiOver(text(200, 'application/json', '{"a":1}\n{"a":2}\n'));
    const lines: string[] = [];
    for await (const line of api.lines(watch)) lines.push(line);
    expect(lines).toEqual(['{"a":1}', '{"a":2}']);
    const refused = await apiOver(json(401, { message: `not ${SECRET}` }));
    await expect(refused.api.lines(watch)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'credential',
      message: expect.not.stringContaining(SECRET),
    });
  });
});
