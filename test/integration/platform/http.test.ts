import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient, type HttpClientOptions } from '../../../electron/platform/http/client.ts';
import { freePort } from '../../support/processes.ts';
import { tempFolder } from '../../support/temp.ts';

const SECRET = 'hunter2-very-secret';
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(server: Server | TcpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

function clientFor(baseUrl: string, options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = createHttpClient({ baseUrl, timeoutMs: 5000, maxBytes: 100_000, ...options });
  closers.push(() => client.close());
  return client;
}

async function serve(listener: RequestListener, options: Partial<HttpClientOptions> & { path?: string } = {}) {
  const port = await listening(createServer(listener));
  const { path = '', ...rest } = options;
  return { port, client: clientFor(`http://127.0.0.1:${port}${path}`, rest) };
}

const get = { method: 'GET', path: '/api' } as const;

describe('http client', () => {
  it('gives status, headers, text, JSON and the clock of the server', async () => {
    const { client } = await serve((_, response) => {
      response.writeHead(200, {
        'Content-Type': 'application/json; charset=utf-8',
        'X-Thing': 'a',
        Date: 'Thu, 01 Jan 2026 00:00:00 GMT',
      });
      response.end('{"a":"é"}');
    });
    const answer = await client.request(get);
    expect(answer).toMatchObject({ status: 200, text: '{"a":"é"}', dateMs: Date.UTC(2026, 0, 1) });
    expect(answer.headers['x-thing']).toBe('a');
    expect(answer.json()).toEqual({ a: 'é' });
  });

  it('sends method, prefix, query, form, JSON, headers and authentication as asked', async () => {
    const seen: unknown[] = [];
    const listener: RequestListener = async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { authorization, 'content-type': type, 'x-one': one, 'x-two': two } = request.headers;
      seen.push([request.method, request.url, type, body, authorization, one, two]);
      response.end('{}');
    };
    const bearer = await serve(listener, {
      path: '/prom/',
      auth: { kind: 'bearer', token: 'tok' },
      headers: { 'x-one': '1' },
    });
    await bearer.client.request({
      ...get,
      query: { q: 'a&b {c="d"}', n: 5, none: undefined },
      headers: { 'x-two': '2' },
    });
    await bearer.client.request({ method: 'POST', path: '/form', form: { query: 'up == 1', time: 1.5 } });
    const basic = await serve(listener, { auth: { kind: 'basic', user: 'me', password: 'p:w' } });
    await basic.client.request({ method: 'PUT', path: '/json', json: { a: [1] } });
    expect(seen).toEqual([
      ['GET', '/prom/api?q=a%26b+%7Bc%3D%22d%22%7D&n=5', undefined, '', 'Bearer tok', '1', '2'],
      [
        'POST',
        '/prom/form',
        'application/x-www-form-urlencoded',
        'query=up+%3D%3D+1&time=1.5',
        'Bearer tok',
        '1',
        undefined,
      ],
      [
        'PUT',
        '/json',
        'application/json',
        '{"a":[1]}',
        `Basic ${Buffer.from('me:p:w').toString('base64')}`,
        undefined,
        undefined,
      ],
    ]);
  });

  it.each([400, 401, 403, 404, 429, 500, 503])('gives a %i to the adapter, which knows its meaning', async (status) => {
    const { client } = await serve((_, response) => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end('{"error":"why"}');
    });
    const answer = await client.request(get);
    expect([answer.status, answer.json()]).toEqual([status, { error: 'why' }]);
  });

  it('E2: follows no redirect, and says where it pointed without credentials', async () => {
    let asked = 0;
    const target = await serve((_, response) => {
      asked += 1;
      response.end('{}');
    });
    const { client } = await serve(
      (_, response) => {
        response.writeHead(302, {
          Location: `http://user:${SECRET}@127.0.0.1:${target.port}/login?next=${SECRET}#${SECRET}`,
        });
        response.end();
      },
      { auth: { kind: 'bearer', token: SECRET } },
    );
    const error = await client.request(get).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'provider' });
    expect(String(error)).toContain(
      `answered 302, a redirect to http://127.0.0.1:${target.port}/login, which is not followed`,
    );
    expect(String(error)).not.toContain(SECRET);
    expect(asked).toBe(0);
  });

  it.each([
    ['a web page', 'text/html; charset=utf-8', '<p>Sign in</p>', 'looks like a login page'],
    ['a web page that calls itself JSON', 'application/json', '  <!DOCTYPE html><html>', 'looks like a login page'],
    ['another type', 'image/png', 'x', 'answered image/png, expected application/json'],
    ['half of its JSON', 'application/json', '{"a":', 'not whole JSON'],
    ['nothing', 'application/json', '', 'the answer is empty'],
  ])('names %s where JSON was expected', async (_, type, body, message) => {
    const { client } = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': type });
      response.end(body);
    });
    const answer = await client.request(get);
    expect(() => answer.json()).toThrow(message);
    expect(() => answer.json()).toThrow(expect.objectContaining({ code: 'provider' }));
  });

  it('reads JSON that is sent as text or without a type', async () => {
    const { client } = await serve((request, response) => {
      if (request.url === '/text') response.setHeader('content-type', 'text/plain');
      response.end('[1]');
    });
    expect((await client.request(get)).json()).toEqual([1]);
    expect((await client.request({ method: 'GET', path: '/text' })).json()).toEqual([1]);
  });

  it('gives up on a 50 MB answer at the limit, announced or streamed', async () => {
    let sent = 0;
    const { client } = await serve((request, response) => {
      if (request.url === '/announced') response.setHeader('content-length', 50_000_000);
      const chunk = Buffer.alloc(65_536, 'x');
      const more = () => {
        while (!response.destroyed && sent < 50_000_000) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    for (const path of ['/announced', '/streamed']) {
      sent = 0;
      await expect(client.request({ method: 'GET', path })).rejects.toMatchObject({ code: 'too-large' });
      expect(sent, path).toBeLessThan(20_000_000);
    }
    // The client is not left in a bad state by it.
    await expect(client.request({ method: 'GET', path: '/again' })).rejects.toMatchObject({ code: 'too-large' });
  });

  it('counts bytes, not characters', async () => {
    const { client } = await serve((_, response) => void response.end('é'.repeat(60)), { maxBytes: 100 });
    await expect(client.request(get)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('limits the whole exchange: no answer, and a body that trickles', async () => {
    const { client } = await serve(
      (request, response) => {
        if (request.url === '/silent') return;
        response.write('[');
        const drip = setInterval(() => response.write(' '), 20);
        response.once('close', () => clearInterval(drip));
      },
      { timeoutMs: 300 },
    );
    for (const path of ['/silent', '/trickle']) {
      const began = performance.now();
      const { signal } = new AbortController();
      await expect(client.request({ method: 'GET', path, signal })).rejects.toMatchObject({ code: 'timeout' });
      await expect(client.request({ method: 'GET', path })).rejects.toMatchObject({ code: 'timeout', retryable: true });
      expect(performance.now() - began, path).toBeLessThan(3000);
    }
  });

  it('is cancelled by its caller, before and during the exchange', async () => {
    const { client } = await serve(() => undefined);
    await expect(client.request({ ...get, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    const controller = new AbortController();
    const asked = client.request({ ...get, signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('tells refused, unknown name, reset and not-HTTP apart', async () => {
    const refused = clientFor(`http://127.0.0.1:${await freePort()}`);
    await expect(refused.request(get)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });

    const unknown = clientFor('http://scram-test.invalid');
    await expect(unknown.request(get)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('DNS'),
    });

    const reset = await listening(
      createTcpServer((socket) => void socket.once('data', () => socket.resetAndDestroy())),
    );
    await expect(clientFor(`http://127.0.0.1:${reset}`).request(get)).rejects.toMatchObject({ code: 'unreachable' });

    const half = await listening(
      createTcpServer(
        (socket) =>
          void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":')),
      ),
    );
    await expect(clientFor(`http://127.0.0.1:${half}`).request(get)).rejects.toMatchObject({ code: 'unreachable' });

    const ssh = await listening(
      createTcpServer((socket) => void socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))),
    );
    await expect(clientFor(`http://127.0.0.1:${ssh}`).request(get)).rejects.toMatchObject({
      code: 'provider',
      message: expect.stringContaining('does not speak HTTP'),
    });
  });

  it('ends what is under way when it is closed', async () => {
    const { client } = await serve(() => undefined);
    const asked = expect(client.request(get)).rejects.toMatchObject({ code: 'unreachable' });
    await client.close();
    await asked;
  });
});

describe('http client over TLS', () => {
  let key: string;
  let cert: string;

  beforeAll(() => {
    // Made anew in each run: no private key is kept with the tests.
    using folder = tempFolder('tls');
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', folder.at('key.pem'), '-out', folder.at('cert.pem')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...files], { stdio: 'ignore' });
    key = readFileSync(folder.at('key.pem'), 'utf8');
    cert = readFileSync(folder.at('cert.pem'), 'utf8');
  });

  it('trusts a private authority when it is given its certificate, and only then', async () => {
    const port = await listening(createTlsServer({ key, cert }, (_, response) => void response.end('{"tls":true}')));
    const url = `https://127.0.0.1:${port}`;
    expect((await clientFor(url, { caPem: cert }).request(get)).json()).toEqual({ tls: true });
    await expect(clientFor(url).request(get)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no secure connection (DEPTH_ZERO_SELF_SIGNED_CERT)'),
      action: expect.stringContaining('`ca`'),
    });
  });

  it('names a plain server behind an https address', async () => {
    const { port } = await serve((_, response) => void response.end());
    await expect(clientFor(`https://127.0.0.1:${port}`).request(get)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no secure connection'),
    });
  });
});
